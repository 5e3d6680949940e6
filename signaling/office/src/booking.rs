//! When points and rooms are free.

use protocol::UtcMicros;

const QUARTER_US: i64 = 900_000_000;
const HOUR_US: i64 = 4 * QUARTER_US;
const DAY_US: i64 = 24 * HOUR_US;
/// The province's clock is seven hours ahead of UTC, all year.
const ZONE_US: i64 = 7 * HOUR_US;
/// The working day: suggestions for a time within it stay within it.
const DAY_BEGINS_US: i64 = 7 * HOUR_US;
const DAY_ENDS_US: i64 = 18 * HOUR_US;
/// How far ahead is looked, in days.
pub const DAYS_AHEAD: u32 = 14;
/// How many times are offered.
const OFFERED: usize = 3;

/// A time that is taken: from, to.
pub type Taken = (UtcMicros, UtcMicros);

/// Whether two times have a moment in common.
#[must_use]
pub fn overlap(one: Taken, other: Taken) -> bool {
    one.0 < other.1 && other.0 < one.1
}

/// At most three beginnings, earliest first, of a time of `wanted`'s length at which nothing of `taken` lies; each after
/// `now`. First the next one on a quarter of an hour, then the wanted time of day on the days that follow.
#[must_use]
pub fn offers(wanted: Taken, taken: &[Taken], now: UtcMicros) -> Vec<UtcMicros> {
    let (start, length) = (wanted.0.0, wanted.1.0.saturating_sub(wanted.0.0));
    let end = start.saturating_add(i64::from(DAYS_AHEAD) * DAY_US);
    let office = is_in_office_hours(start, length);
    let fits = |at: i64| {
        let until = at.saturating_add(length);
        at > now.0
            && (!office || is_in_office_hours(at, length))
            && !taken
                .iter()
                .any(|taken| overlap(*taken, (UtcMicros(at), UtcMicros(until))))
    };
    let quarter = start.max(now.0).saturating_add(QUARTER_US - 1) / QUARTER_US * QUARTER_US;
    let next = (0..)
        .map(|step: i64| quarter.saturating_add(step * QUARTER_US))
        .take_while(|at| *at < end)
        .find(|at| fits(*at));
    let same_time = (1..i64::from(DAYS_AHEAD))
        .map(|day| start.saturating_add(day * DAY_US))
        .filter(|at| fits(*at));
    let mut offers: Vec<i64> = next.into_iter().collect();
    for at in same_time {
        if offers.len() < OFFERED && !offers.contains(&at) {
            offers.push(at);
        }
    }
    offers.sort_unstable();
    offers.into_iter().map(UtcMicros).collect()
}

fn is_in_office_hours(at: i64, length: i64) -> bool {
    let time_of_day = at.saturating_add(ZONE_US).rem_euclid(DAY_US);
    time_of_day >= DAY_BEGINS_US && time_of_day.saturating_add(length) <= DAY_ENDS_US
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment of 19 November 2026 and after, in the province.
    fn at(day: i64, hour: i64, minute: i64) -> UtcMicros {
        // 2026-11-18 17:00 UTC.
        let midnight = 1_795_021_200_000_000;
        UtcMicros(midnight + (day - 19) * DAY_US + hour * HOUR_US + minute * 60_000_000)
    }

    #[test]
    fn next_quarter_after_what_is_in_the_way_comes_first_then_other_days() {
        let taken = [
            (at(19, 14, 0), at(19, 16, 20)),
            (at(20, 15, 0), at(20, 17, 0)),
        ];
        let wanted = (at(19, 14, 0), at(19, 15, 30));
        assert_eq!(
            offers(wanted, &taken, at(18, 9, 0)),
            [at(19, 16, 30), at(21, 14, 0), at(22, 14, 0)]
        );
    }

    #[test]
    fn what_would_last_into_the_evening_moves_to_the_next_morning() {
        let taken = [(at(19, 14, 0), at(19, 16, 45))];
        let wanted = (at(19, 14, 0), at(19, 15, 30));
        let offered = offers(wanted, &taken, at(18, 9, 0));
        assert_eq!(offered[0], at(20, 7, 0));
    }

    #[test]
    fn nothing_in_the_past_is_offered_and_an_evening_session_stays_in_the_evening() {
        let taken = [(at(19, 19, 0), at(19, 20, 0))];
        let wanted = (at(19, 19, 0), at(19, 21, 0));
        let now = at(19, 20, 10);
        assert_eq!(offers(wanted, &taken, now)[0], at(19, 20, 15));
        assert!(offers(wanted, &[(at(1, 0, 0), at(60, 0, 0))], now).is_empty());
    }

    #[test]
    fn no_time_overflows() {
        for us in [0, i64::MAX - 1, i64::MAX] {
            let _ = offers((UtcMicros(us), UtcMicros(i64::MAX)), &[], UtcMicros(us));
        }
    }
}
