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
use crate::thin::Delays;

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
    let people = plan.crowd(POINTS);
    POINT.enter(people, plan, stand).await?;
    stand.settle().await;
    Ok(vec![stand.measure(plan.duration, "").await?])
}

/// Fills a session with a meeting like that of P2, in which one speaks and packets are timed. When the main picture
/// changes, its viewers are first sent what is kept of it, and how old that is says nothing of the delay.
pub(super) async fn enter_meeting(
    points: usize,
    session: &str,
    plan: &mut Plan,
    stand: &mut Stand,
    delays: &Delays,
) -> anyhow::Result<()> {
    for number in 1..=points {
        let name = format!("{session}-{number:02}");
        let token = plan.tokens.take_in(session, SessionRole::Point)?;
        let mut part = POINT.part(name, token);
        part.microphone = number == 1;
        stand.enter(part, Some(delays))?;
        sleep(BETWEEN_JOINS).await;
    }
    Ok(())
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

/// Those who meet.
const POINT: Crowd = Crowd {
    group: "point",
    role: SessionRole::Point,
    profile: Profile::Room,
    camera: true,
    microphone: true,
};

impl Crowd {
    fn part(self, name: String, token: String) -> Part {
        Part {
            token,
            name,
            group: self.group.to_owned(),
            profile: self.profile,
            layers: match self.camera {
                true => Layer::ALL.to_vec(),
                false => Vec::new(),
            },
            microphone: self.microphone,
            gauge: Gauge::default(),
        }
    }

    async fn enter(self, count: usize, plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<()> {
        for number in 1..=count {
            let name = format!("{}-{number:03}", self.group);
            let token = plan.token(self.role, &name)?;
            stand.enter(self.part(name, token), None)?;
            sleep(BETWEEN_JOINS).await;
        }
        Ok(())
    }
}
