//! When points and rooms are free.

use protocol::UtcMicros;

const QUARTER_US: i64 = 900_000_000;
const HOUR_US: i64 = 4 * QUARTER_US;
const DAY_US: i64 = 24 * HOUR_US;
/// The province's clock is seven hours ahead of UTC, all year.
const ZONE_US: i64 = 7 * HOUR_US;
/// Working hours, 07:30 to 17:00: every time that is offered lies within them.
const WORK_BEGINS_US: i64 = 7 * HOUR_US + HOUR_US / 2;
const WORK_ENDS_US: i64 = 17 * HOUR_US;
/// How many days before and after the wanted one are looked at.
pub const DAYS_AROUND: u32 = 14;
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
/// `now` and within working hours, on a day of its own. The days nearest to the wanted one come into question first, the
/// later of two as near; on each, the wanted time of day if it is free, else the nearest quarter of an hour that is, the
/// later of two as near. A weekend is offered to what was wanted at a weekend alone.
///
/// `taken` covers [`DAYS_AROUND`] days before and after the wanted one. Nothing is offered for what lasts longer than
/// working hours do.
#[must_use]
pub fn offers(wanted: Taken, taken: &[Taken], now: UtcMicros) -> Vec<UtcMicros> {
    let length = wanted.1.0.saturating_sub(wanted.0.0);
    let local = wanted.0.0.saturating_add(ZONE_US);
    let (day, time) = (local.div_euclid(DAY_US), local.rem_euclid(DAY_US));
    let weekend = is_weekend(day);
    let is_free = |at: i64| {
        let until = at.saturating_add(length);
        let this = (UtcMicros(at), UtcMicros(until));
        at > now.0 && !taken.iter().any(|taken| overlap(*taken, this))
    };
    let on = |day: i64| {
        let midnight = day.saturating_mul(DAY_US).saturating_sub(ZONE_US);
        times_of_day(time, length)
            .into_iter()
            .map(|time| midnight.saturating_add(time))
            .find(|at| is_free(*at))
    };
    let mut offers: Vec<i64> = days_around(day)
        .filter(|day| weekend || !is_weekend(*day))
        .filter_map(on)
        .take(OFFERED)
        .collect();
    offers.sort_unstable();
    offers.into_iter().map(UtcMicros).collect()
}

/// The days around one, nearest first, the later of two as near first.
fn days_around(day: i64) -> impl Iterator<Item = i64> {
    let away = (1..=i64::from(DAYS_AROUND)).flat_map(|away| [away, -away]);
    std::iter::once(0)
        .chain(away)
        .map(move |away| day.saturating_add(away))
}

/// The times of day at which something may begin that lasts `length`: `wanted` itself and every quarter of an hour, nearest
/// to `wanted` first, the later of two as near first.
fn times_of_day(wanted: i64, length: i64) -> Vec<i64> {
    let fits = |time: &i64| *time >= WORK_BEGINS_US && time.saturating_add(length) <= WORK_ENDS_US;
    let quarters = (0..DAY_US / QUARTER_US).map(|number| number * QUARTER_US);
    let others = quarters.filter(|time| *time != wanted);
    let mut times: Vec<i64> = std::iter::once(wanted).chain(others).filter(fits).collect();
    times.sort_by_key(|time| ((time - wanted).abs(), -time));
    times
}

/// Whether a day, counted from 1 January 1970, is a Saturday or Sunday.
fn is_weekend(day: i64) -> bool {
    // The first day was a Thursday.
    matches!(day.rem_euclid(7), 2 | 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A moment of November 2026 in the province; the 19th is a Thursday.
    fn at(day: i64, hour: i64, minute: i64) -> UtcMicros {
        // 2026-11-18 17:00 UTC.
        let midnight = 1_795_021_200_000_000;
        UtcMicros(midnight + (day - 19) * DAY_US + hour * HOUR_US + minute * 60_000_000)
    }

    #[test]
    fn nearest_days_come_first_each_with_the_wanted_time_or_the_nearest_to_it() {
        let taken = [
            (at(19, 14, 0), at(19, 16, 20)),
            (at(20, 13, 0), at(20, 14, 10)),
        ];
        let wanted = (at(19, 14, 0), at(19, 15, 30));
        assert_eq!(
            offers(wanted, &taken, at(18, 17, 0)),
            [at(19, 12, 30), at(20, 14, 15), at(23, 14, 0)],
            "not on the 18th, which is over, nor at the weekend"
        );
        assert_eq!(
            offers(wanted, &taken, at(10, 8, 0)),
            [at(18, 14, 0), at(19, 12, 30), at(20, 14, 15)]
        );
    }

    #[test]
    fn nothing_is_offered_outside_working_hours_or_in_the_past() {
        let evening = (at(19, 19, 0), at(19, 21, 0));
        assert_eq!(
            offers(evening, &[], at(19, 14, 50)),
            [at(19, 15, 0), at(20, 15, 0), at(23, 15, 0)]
        );
        let too_long = (at(19, 7, 0), at(19, 17, 0));
        assert!(offers(too_long, &[], at(10, 8, 0)).is_empty());
        let everything = [(at(1, 0, 0), at(60, 0, 0))];
        assert!(offers(evening, &everything, at(10, 8, 0)).is_empty());
    }

    #[test]
    fn weekend_is_offered_to_what_was_wanted_at_a_weekend() {
        let saturday = (at(21, 8, 0), at(21, 10, 0));
        let taken = [saturday];
        assert_eq!(
            offers(saturday, &taken, at(10, 8, 0)),
            [at(20, 8, 0), at(21, 10, 0), at(22, 8, 0)]
        );
    }

    /// Every beginning on a quarter of an hour in the days around, kept by the words of the rule one by one.
    fn model(wanted: Taken, taken: &[Taken], now: UtcMicros) -> Vec<i64> {
        let length = wanted.1.0 - wanted.0.0;
        let day_of = |at: i64| (at + ZONE_US).div_euclid(DAY_US);
        let (first, wanted_day) = (day_of(0), day_of(wanted.0.0));
        let mut best: Vec<(i64, i64)> = Vec::new();
        for day in wanted_day - 14..=wanted_day + 14 {
            let of_week = (day - first + 3).rem_euclid(7);
            let of_wanted = (wanted_day - first + 3).rem_euclid(7);
            if of_week > 4 && of_wanted <= 4 {
                continue;
            }
            let mut nearest: Option<(i64, i64)> = None;
            for minute in 0..24 * 60 {
                let begin = day * DAY_US - ZONE_US + minute * 60_000_000;
                let same_time = wanted.0.0 + (day - wanted_day) * DAY_US;
                let on_grid = minute % 15 == 0 || begin == same_time;
                let works = minute >= 450 && minute * 60_000_000 + length <= 17 * HOUR_US;
                let in_the_way = taken
                    .iter()
                    .any(|one| one.0.0 < begin + length && begin < one.1.0);
                if !on_grid || !works || in_the_way || begin <= now.0 {
                    continue;
                }
                let away = (begin - same_time).abs();
                if nearest.is_none_or(|(found, _)| away <= found) {
                    nearest = Some((away, begin));
                }
            }
            if let Some((_, begin)) = nearest {
                best.push((day - wanted_day, begin));
            }
        }
        best.sort_by_key(|(away, _)| (away.abs(), -away));
        let mut found: Vec<i64> = best.into_iter().take(3).map(|(_, begin)| begin).collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn what_is_offered_is_what_the_words_of_the_rule_say() {
        let mut seed = 20_261_119_u64;
        let mut below = |limit: i64| {
            // Numerical Recipes' generator: any will do that is the same everywhere.
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            i64::try_from(seed >> 33).expect("31 bits") % limit
        };
        for course in 0..400 {
            let begin = at(10 + below(14), below(24), below(60));
            let wanted = (begin, begin.plus_us((1 + below(40)) * QUARTER_US));
            let taken: Vec<Taken> = (0..below(60))
                .map(|_| {
                    let from = at(below(40), below(24), below(60));
                    (from, from.plus_us((1 + below(90)) * QUARTER_US))
                })
                .collect();
            let now = at(below(24), below(24), 0);
            let offered: Vec<i64> = offers(wanted, &taken, now).iter().map(|at| at.0).collect();
            assert_eq!(offered, model(wanted, &taken, now), "course {course}");
        }
    }

    #[test]
    fn no_time_overflows() {
        for us in [0, i64::MAX - 1, i64::MAX] {
            let _ = offers((UtcMicros(us), UtcMicros(i64::MAX)), &[], UtcMicros(us));
        }
    }
}
