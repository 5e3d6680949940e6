//! Figures of rooms whose people come by WebSocket, as browsers do.

use std::time::Duration;

use protocol::client::SessionRole;
use protocol::media::Profile;
use tokio::time::sleep;

use super::Plan;
use super::outcome::Row;
use super::stand::Stand;
use crate::end::Gauge;
use crate::media::Layer;
use crate::participant::Part;

/// Between two who come.
const BETWEEN_JOINS: Duration = Duration::from_millis(40);

/// Points of the provincial meeting.
const POINTS: usize = 30;

/// Open microphones of the hall, and those who listen to the loudest.
pub(super) const MICROPHONES: usize = 100;
const LISTENERS: usize = 500;

/// People in the silent room.
const SILENT: usize = 300;

/// P2: everybody sends camera (three layers) and voice, and takes a main picture, eight small ones and the loudest.
pub(super) async fn meeting(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let points = Crowd {
        group: "point",
        role: SessionRole::Point,
        profile: Profile::Room,
        camera: true,
        microphone: true,
    };
    let people = plan.crowd(POINTS);
    points.enter(people, plan, stand).await?;
    stand.settle().await;
    Ok(vec![stand.measure(plan.duration, "").await?])
}

/// P3: a hundred open microphones and five hundred who listen; the microphones' owners listen as well.
pub(super) async fn hall(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let speakers = Crowd {
        group: "speaker",
        role: SessionRole::Point,
        profile: Profile::Phone,
        camera: false,
        microphone: true,
    };
    let listeners = Crowd {
        group: "listener",
        role: SessionRole::Viewer,
        microphone: false,
        ..speakers
    };
    let people = plan.crowd(LISTENERS);
    speakers.enter(MICROPHONES, plan, stand).await?;
    listeners.enter(people, plan, stand).await?;
    stand.settle().await;
    Ok(vec![stand.measure(plan.duration, "").await?])
}

/// P6: everybody may speak, nobody does, no camera is on.
pub(super) async fn idle(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let muted = Crowd {
        group: "muted",
        role: SessionRole::Point,
        profile: Profile::Room,
        camera: false,
        microphone: false,
    };
    let people = plan.crowd(SILENT);
    muted.enter(people, plan, stand).await?;
    stand.settle().await;
    Ok(vec![stand.measure(plan.duration, "").await?])
}

/// People who do the same.
#[derive(Clone, Copy)]
struct Crowd {
    group: &'static str,
    role: SessionRole,
    profile: Profile,
    camera: bool,
    microphone: bool,
}

impl Crowd {
    async fn enter(self, count: usize, plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<()> {
        for number in 1..=count {
            let name = format!("{}-{number:03}", self.group);
            let layers = match self.camera {
                true => Layer::ALL.to_vec(),
                false => Vec::new(),
            };
            stand.enter(Part {
                token: plan.token(self.role, &name)?,
                name,
                group: self.group.to_owned(),
                profile: self.profile,
                layers,
                microphone: self.microphone,
                gauge: Gauge::default(),
            })?;
            sleep(BETWEEN_JOINS).await;
        }
        Ok(())
    }
}
