//! P4: the delay that the server adds, at half a core, in lessons and in meetings.

use std::time::Duration;

use anyhow::Context;
use protocol::client::SessionRole;

use super::Plan;
use super::lesson::{JOINS_PER_SECOND, tokens};
use super::outcome::{DelayFigures, Row};
use super::rooms::enter_meeting;
use super::stand::Stand;
use crate::thin::{Delays, bare_delays};

/// This much of one core.
const LOAD: f64 = 0.5;

/// Viewers of the one lesson whose share of that load is measured first, and the most of them: a session takes a
/// thousand.
const SAMPLE: usize = 150;
const MOST: usize = 900;

/// Viewers of each of many lessons, and how many lessons are measured first.
const AUDIENCE: usize = 20;
const LESSONS_SAMPLE: usize = 10;

/// Points of each of many meetings, and how many meetings are measured first.
const POINTS: usize = 10;
const MEETINGS_SAMPLE: usize = 4;

/// One lesson, or as many lessons or meetings as are the load. With one, all that the server does begins at the same
/// moments, thirty times a second; sessions that know nothing of each other load it evenly.
pub(super) async fn delay(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let bare = bare_delays(stand.bind(), Duration::from_secs(3)).await?;
    let delays = Delays::default();
    let sessions = plan.tokens.sessions();
    let label = if sessions.is_empty() {
        one_lesson(plan, stand, &delays).await?
    } else {
        many_sessions(plan, stand, &sessions, &delays).await?
    };
    delays.clear();
    let mut row = stand.measure(plan.duration, &label).await?;
    let us = |delays: &Delays, share| -> anyhow::Result<u64> {
        let delay = delays.percentile(share).context("no packet was timed")?;
        Ok(u64::try_from(delay.as_micros())?)
    };
    row.delay = Some(DelayFigures {
        packets: delays.count(),
        p50_us: us(&delays, 0.5)?,
        p99_us: us(&delays, 0.99)?,
        bare_p50_us: us(&bare, 0.5)?,
        bare_p99_us: us(&bare, 0.99)?,
    });
    Ok(vec![row])
}

async fn one_lesson(plan: &mut Plan, stand: &mut Stand, delays: &Delays) -> anyhow::Result<String> {
    let (encoder, viewers) = tokens(plan)?;
    let timed = Some(delays);
    stand.seat_encoder(&encoder, plan.paced, timed).await?;
    let most = plan.crowd(MOST);
    let mut audience = SAMPLE.min(most);
    // What a viewer costs falls as they become more, so the aim is taken again.
    for aiming in 0..3 {
        let rate = JOINS_PER_SECOND;
        let growing = stand.grow_to(audience, rate, &viewers, "viewer", timed);
        growing.await?;
        stand.settle().await;
        if aiming < 2 {
            audience = aim(stand, audience).await?.clamp(audience, most);
        }
    }
    Ok("one lesson".to_owned())
}

async fn many_sessions(
    plan: &mut Plan,
    stand: &mut Stand,
    sessions: &[String],
    delays: &Delays,
) -> anyhow::Result<String> {
    let sample = match plan.meetings {
        true => MEETINGS_SAMPLE,
        false => LESSONS_SAMPLE,
    };
    let mut open = 0;
    let mut wanted = sample.min(sessions.len());
    for aiming in 0..3 {
        for session in &sessions[open..wanted] {
            stand.move_to(session);
            if plan.meetings {
                enter_meeting(POINTS, session, plan, stand, delays).await?;
            } else {
                enter_lesson(session, plan, stand, delays).await?;
            }
        }
        open = wanted;
        stand.settle().await;
        if aiming < 2 {
            wanted = aim(stand, open).await?.clamp(open, sessions.len());
        }
    }
    Ok(match plan.meetings {
        true => format!("{open} meetings of {POINTS}"),
        false => format!("{open} lessons"),
    })
}

async fn enter_lesson(
    session: &str,
    plan: &mut Plan,
    stand: &mut Stand,
    delays: &Delays,
) -> anyhow::Result<()> {
    let encoder = plan.tokens.take_in(session, SessionRole::Point)?;
    let viewers = plan.tokens.take_in(session, SessionRole::Viewer)?;
    let timed = Some(delays);
    stand.seat_encoder(&encoder, plan.paced, timed).await?;
    let audience = stand.people() + AUDIENCE;
    let rate = JOINS_PER_SECOND;
    let growing = stand.grow_to(audience, rate, &viewers, "viewer", timed);
    growing.await
}

/// How many people make the load that is wanted, reckoned from the processor time of the `there` who are here.
async fn aim(stand: &Stand, there: usize) -> anyhow::Result<usize> {
    let sample = stand.measure(Duration::from_secs(4), "").await?;
    Ok((there as f64 * LOAD / sample.server_cpu().max(0.01)) as usize)
}
