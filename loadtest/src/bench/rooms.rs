//! Figures of rooms whose people come by WebSocket, as browsers do.

use std::time::Duration;

use protocol::client::SessionRole;
use protocol::media::Profile;
use tokio::time::sleep;

use super::Plan;
use super::lesson::aim;
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

/// Points of each of many meetings, and how many meetings are measured first.
const SMALL_MEETING: usize = 10;
const MEETINGS_SAMPLE: usize = 4;

/// Open microphones of the hall, and those who listen to the loudest.
pub(super) const MICROPHONES: usize = 100;
const LISTENERS: usize = 500;

/// People in the silent room.
const SILENT: usize = 300;

/// P2: everybody sends camera (three layers) and voice, and takes a main picture, eight small ones and the loudest.
pub(super) async fn meeting(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let people = plan.crowd(POINTS);
    POINTS_OF_A_MEETING.enter(people, plan, stand).await?;
    stand.settle().await;
    Ok(vec![stand.measure(plan.duration, "").await?])
}

/// The load of P4 made of meetings like that of P2, each in a session of its own, in which one speaks. Says what it became.
pub(super) async fn meetings_at_load(
    plan: &mut Plan,
    stand: &mut Stand,
    sessions: &[String],
    delays: &Delays,
) -> anyhow::Result<String> {
    let mut meetings = 0;
    let mut wanted = MEETINGS_SAMPLE.min(sessions.len());
    for aiming in 0..3 {
        for session in &sessions[meetings..wanted] {
            stand.move_to(session);
            for number in 1..=SMALL_MEETING {
                let name = format!("{session}-{number:02}");
                let token = plan.tokens.take_in(session, SessionRole::Point)?;
                let mut part = POINTS_OF_A_MEETING.part(name, token);
                // One speaks. When the main picture changes, its viewers are first sent what is kept of it, and how old
                // that is says nothing of the delay.
                part.microphone = number == 1;
                stand.enter(part, Some(delays))?;
                sleep(BETWEEN_JOINS).await;
            }
        }
        meetings = wanted;
        stand.settle().await;
        if aiming < 2 {
            wanted = aim(stand, meetings).await?.clamp(meetings, sessions.len());
        }
    }
    Ok(format!("{meetings} meetings of {SMALL_MEETING}"))
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

const POINTS_OF_A_MEETING: Crowd = Crowd {
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
