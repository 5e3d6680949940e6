//! Figures of a lesson: one 720p30 publisher with 1.5 Mbit/s and Opus by WHIP, viewers by WHEP.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use protocol::client::SessionRole;
use tokio::time::sleep;

use super::Plan;
use super::outcome::{COMERS, Row, StormFigures};
use super::stand::{Seated, Stand};

/// Viewers come at this rate, slow enough that joining does not disturb those who watch.
pub(super) const JOINS_PER_SECOND: f64 = 40.0;

/// The numbers of viewers of P1 when nobody says otherwise.
const AUDIENCES: [usize; 3] = [100, 300, 600];

/// Viewers who watch already when the storm comes.
const STORM_AUDIENCE: usize = 50;

/// Those who come in the storm, and the time in which they come.
const STORM: (usize, Duration) = (300, Duration::from_secs(10));

/// Viewers who wait for a publisher, and how long they are watched from its coming on.
const WAITING: usize = 300;
const PREMIERE: Duration = Duration::from_secs(8);

/// How long after the last of them came the storm is watched.
const STORM_TAIL: Duration = Duration::from_secs(3);

/// P1, and P5 with it.
pub(super) async fn throughput(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let (encoder, viewers) = tokens(plan)?;
    stand.seat_encoder(&encoder, plan.paced, None).await?;
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

/// P7. The people of the row are those who watched before.
pub(super) async fn storm(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let (encoder, viewers) = tokens(plan)?;
    let seated = stand.seat_encoder(&encoder, plan.paced, None).await?;
    let watching = STORM_AUDIENCE;
    stand
        .grow_to(watching, JOINS_PER_SECOND, &viewers, "viewer", None)
        .await?;
    stand.settle().await;
    let (comers, within) = (plan.crowd(STORM.0), STORM.1);

    let stretch = stand.begin(watching)?;
    let rate = comers as f64 / within.as_secs_f64();
    stand
        .grow_to(watching + comers, rate, &viewers, COMERS, None)
        .await?;
    let came = stretch.began.elapsed();
    stand.everybody_arrived().await;
    sleep(STORM_TAIL).await;
    let mut row = stand.end(&stretch, "")?;
    row.storm = Some(StormFigures {
        within_s: came.as_secs_f64(),
        ..asked_since(stretch.began, &seated, row.seconds)
    });
    Ok(vec![row])
}

/// P7, the other way round: viewers are there, and then the publisher comes.
pub(super) async fn premiere(plan: &mut Plan, stand: &mut Stand) -> anyhow::Result<Vec<Row>> {
    let (encoder, viewers) = tokens(plan)?;
    let waiting = plan.crowd(WAITING);
    stand
        .grow_to(waiting, JOINS_PER_SECOND, &viewers, "viewer", None)
        .await?;
    stand.settle().await;
    let stretch = stand.begin(waiting)?;
    let seated = stand.seat_encoder(&encoder, plan.paced, None).await?;
    sleep(PREMIERE).await;
    let mut row = stand.end(&stretch, "")?;
    let began = *seated.began.get().context("the publisher never began")?;
    let mut figures = StormFigures {
        waited: true,
        ..asked_since(began, &seated, row.seconds)
    };
    figures.take(&stand.first_pictures(began));
    row.storm = Some(figures);
    Ok(vec![row])
}

/// How often an encoder was asked for a keyframe from a moment on, in so many seconds.
fn asked_since(began: Instant, seated: &Seated, seconds: f64) -> StormFigures {
    let asked: Vec<Duration> = {
        let asked = seated.asked.lock().expect("no holder of the lock panics");
        let since = asked.iter().filter(|at| **at >= began);
        since.map(|at| *at - began).collect()
    };
    StormFigures {
        keyframe_requests_per_second: asked.len() as f64 / seconds,
        keyframe_requests_worst_second: most_in_a_second(&asked),
        ..StormFigures::default()
    }
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
pub(super) fn tokens(plan: &mut Plan) -> anyhow::Result<(String, String)> {
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
