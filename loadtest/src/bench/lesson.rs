//! Figures of a lesson: one 720p30 publisher with 1.5 Mbit/s and Opus by WHIP, viewers by WHEP.

use std::time::{Duration, Instant};

use anyhow::Context;
use protocol::client::SessionRole;
use tokio::time::sleep;

use super::Plan;
use super::outcome::{COMERS, DelayFigures, Row, StormFigures};
use super::rooms::meetings_at_load;
use super::stand::{Manner, Stand};
use crate::thin::{Delays, bare_delays};

/// Viewers come at this rate, slow enough that joining does not disturb those who watch.
const JOINS_PER_SECOND: f64 = 40.0;

/// The numbers of viewers of P1 when nobody says otherwise.
const AUDIENCES: [usize; 3] = [100, 300, 600];

/// The load at which delay is measured: this much of one core.
const DELAY_LOAD: f64 = 0.5;

/// Viewers whose share of that load is measured first.
const DELAY_SAMPLE: usize = 150;

/// Viewers of each of many lessons, and how many lessons are measured first.
const LESSON_AUDIENCE: usize = 20;
const LESSONS_SAMPLE: usize = 10;

/// No more viewers than this for the load of P4: a session takes a thousand.
const DELAY_MOST: usize = 900;

/// Viewers who watch already when the storm comes.
const STORM_AUDIENCE: usize = 50;

/// Those who come in the storm, and the time in which they come.
const STORM: (usize, Duration) = (300, Duration::from_secs(10));

/// How long after the last of them came the storm is watched.
const STORM_TAIL: Duration = Duration::from_secs(3);

/// P1, and P5 with it.
pub(super) async fn throughput(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let (encoder, viewers) = tokens(plan)?;
    let manner = Manner {
        paced: plan.paced,
        stamped: false,
    };
    stand.seat_encoder(&encoder, manner).await?;
    let audiences = match plan.people.as_slice() {
        [] => AUDIENCES.to_vec(),
        given => given.to_vec(),
    };
    let label = if plan.paced {
        "packets 0.3 ms apart"
    } else {
        "frames at once"
    };
    let mut rows = Vec::new();
    for audience in audiences {
        let rate = JOINS_PER_SECOND;
        stand
            .grow_to(audience, rate, &viewers, "viewer", None)
            .await?;
        stand.settle().await;
        rows.push(stand.measure(plan.duration, label).await?);
    }
    Ok(rows)
}

/// P4: one lesson, or as many lessons or meetings as half a core carries. With one, all that the server does begins at the same moments,
/// thirty times a second; lessons that know nothing of each other load it evenly.
pub(super) async fn delay(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let bare = bare_delays(stand.bind(), Duration::from_secs(3)).await?;
    let delays = Delays::default();
    let sessions = plan.tokens.sessions();
    let label = if sessions.is_empty() {
        one_lesson_at_load(plan, stand, &delays).await?
    } else if plan.meetings {
        meetings_at_load(plan, stand, &sessions, &delays).await?
    } else {
        lessons_at_load(plan, stand, &sessions, &delays).await?
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

async fn one_lesson_at_load(
    plan: &mut Plan,
    stand: &mut Stand,
    delays: &Delays,
) -> anyhow::Result<String> {
    let (encoder, viewers) = tokens(plan)?;
    stand.seat_encoder(&encoder, stamped(plan)).await?;
    let most = plan.crowd(DELAY_MOST);
    let mut audience = DELAY_SAMPLE.min(most);
    // What a viewer costs falls as they become more, so the aim is taken again.
    for aiming in 0..3 {
        let rate = JOINS_PER_SECOND;
        let growing = stand.grow_to(audience, rate, &viewers, "viewer", Some(delays));
        growing.await?;
        stand.settle().await;
        if aiming < 2 {
            audience = aim(stand, audience).await?.clamp(audience, most);
        }
    }
    Ok("one lesson".to_owned())
}

async fn lessons_at_load(
    plan: &mut Plan,
    stand: &mut Stand,
    sessions: &[String],
    delays: &Delays,
) -> anyhow::Result<String> {
    let mut lessons = 0;
    let mut wanted = LESSONS_SAMPLE.min(sessions.len());
    for aiming in 0..3 {
        for session in &sessions[lessons..wanted] {
            let encoder = plan.tokens.take_in(session, SessionRole::Point)?;
            let viewers = plan.tokens.take_in(session, SessionRole::Viewer)?;
            stand.move_to(session);
            stand.seat_encoder(&encoder, stamped(plan)).await?;
            let audience = stand.people() + LESSON_AUDIENCE;
            let rate = JOINS_PER_SECOND;
            let growing = stand.grow_to(audience, rate, &viewers, "viewer", Some(delays));
            growing.await?;
        }
        lessons = wanted;
        stand.settle().await;
        if aiming < 2 {
            wanted = aim(stand, lessons).await?.clamp(lessons, sessions.len());
        }
    }
    Ok(format!("{lessons} lessons"))
}

/// How many of what there are so many of would load the server as P4 wants it.
pub(super) async fn aim(stand: &Stand, there: usize) -> anyhow::Result<usize> {
    let sample = stand.measure(Duration::from_secs(4), "").await?;
    Ok((there as f64 * DELAY_LOAD / sample.server_cpu().max(0.01)) as usize)
}

const fn stamped(plan: &Plan) -> Manner {
    Manner {
        paced: plan.paced,
        stamped: true,
    }
}

/// P7. The people of the row are those who watched before.
pub(super) async fn storm(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let (encoder, viewers) = tokens(plan)?;
    let manner = Manner {
        paced: plan.paced,
        stamped: false,
    };
    let requests = stand.seat_encoder(&encoder, manner).await?;
    let watching = STORM_AUDIENCE;
    stand
        .grow_to(watching, JOINS_PER_SECOND, &viewers, "viewer", None)
        .await?;
    stand.settle().await;
    let (comers, within) = (plan.crowd(STORM.0), STORM.1);

    let before = stand.usage()?;
    let seen_before = stand.tally(watching);
    let health = stand.health();
    let began = Instant::now();
    let rate = comers as f64 / within.as_secs_f64();
    stand
        .grow_to(watching + comers, rate, &viewers, COMERS, None)
        .await?;
    let came = began.elapsed();
    stand.everybody_arrived().await;
    sleep(STORM_TAIL).await;
    let usage = stand.usage()?;
    let ended = Instant::now();
    let requests: Vec<Duration> = {
        let requests = requests.lock().expect("no holder of the lock panics");
        let during = requests.iter().filter(|at| **at >= began);
        during.map(|at| *at - began).collect()
    };
    let seconds = (ended - began).as_secs_f64();
    Ok(vec![Row {
        label: String::new(),
        people: watching,
        seconds,
        seen: stand.tally(watching).since(seen_before),
        server_cpu_s: usage.cpu_seconds - before.cpu_seconds,
        server_resident_bytes: usage.resident_bytes,
        generator: health.finish(),
        delay: None,
        storm: Some(StormFigures {
            within_s: came.as_secs_f64(),
            keyframe_requests_per_second: requests.len() as f64 / seconds,
            keyframe_requests_worst_second: most_in_a_second(&requests),
            ..StormFigures::default()
        }),
    }])
}

/// The most moments within any second; they ascend.
fn most_in_a_second(moments: &[Duration]) -> usize {
    let within = |first: usize| {
        let later = moments[first..].iter();
        later
            .take_while(|at| **at < moments[first] + Duration::from_secs(1))
            .count()
    };
    (0..moments.len()).map(within).max().unwrap_or(0)
}

/// The tokens of the encoder and of all viewers. Another server asks for none.
fn tokens(plan: &mut Plan) -> anyhow::Result<(String, String)> {
    if matches!(plan.venue, super::Venue::Janus(_)) {
        return Ok(Default::default());
    }
    let encoder = plan.token(SessionRole::Point, "encoder")?;
    let viewers = plan.token(SessionRole::Viewer, "viewers")?;
    Ok((encoder, viewers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_in_the_worst_second() {
        let moments = [0, 100, 999, 1000, 1050, 5000].map(Duration::from_millis);
        assert_eq!(most_in_a_second(&moments), 4);
        assert_eq!(most_in_a_second(&[]), 0);
    }
}
