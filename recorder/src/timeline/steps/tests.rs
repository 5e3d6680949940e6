//! Two minutes of a sender whose clocks stand still and jump: sound and picture stay in their places.

use super::super::{Facts, Report, align};
use proptest::prelude::*;

const SECOND: i64 = 1_000_000;

/// What happens to a clock.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    /// From then on it stands still for so long.
    Stands { at_us: i64, for_us: i64 },
    /// It is then set by so much.
    Jumps { at_us: i64, by_us: i64 },
}

use Mishap::{Jumps, Stands};

/// A clock 100 ppm too fast, if it is not faster or slower by more.
#[derive(Debug, Clone, Default)]
struct Clock {
    mishaps: Vec<Mishap>,
    more_ppm: f64,
}

impl Clock {
    fn of(mishaps: &[Mishap]) -> Self {
        Self {
            mishaps: mishaps.to_vec(),
            more_ppm: 0.0,
        }
    }

    fn reads_us(&self, at_us: i64) -> f64 {
        let mishaps = self.mishaps.iter().map(|mishap| match *mishap {
            Stands {
                at_us: from,
                for_us,
            } => -(at_us - from).clamp(0, for_us),
            Jumps { at_us: from, by_us } if at_us >= from => by_us,
            Jumps { .. } => 0,
        });
        at_us as f64 * (1.0 + (100.0 + self.more_ppm) * 1e-6) + mishaps.sum::<i64>() as f64
    }
}

/// Two minutes of one sender, 30 ms to 70 ms from the server.
#[derive(Debug, Clone, Default)]
struct Scene {
    sound: Clock,
    picture: Clock,
    ntp: Clock,
    /// When a track sends nothing.
    no_sound: Vec<(i64, i64)>,
    no_picture: Vec<(i64, i64)>,
    /// When its reports are lost besides.
    no_sound_reports: Vec<(i64, i64)>,
    no_picture_reports: Vec<(i64, i64)>,
    /// When everything is so much later: from, to, by.
    delays: Vec<(i64, i64, i64)>,
    /// How often a track sends a frame, and a report, if not as usual.
    sound_every: Option<(i64, i64)>,
    picture_every: Option<(i64, i64)>,
    /// When the sender's machine is busy with something else: what is due leaves at the end, a report with the NTP time
    /// of then and the RTP time of the last packet before.
    held: Vec<(i64, i64)>,
}

struct Track {
    facts: Facts,
    /// When each frame was captured.
    captured: Vec<i64>,
}

impl Scene {
    fn delay_us(&self, at_us: i64, seed: i64) -> i64 {
        let noise = (at_us ^ seed).wrapping_mul(0x5851_f42d_4c95_7f2d) as u64 >> 33;
        let more = self
            .delays
            .iter()
            .filter(|(from, to, _)| (*from..*to).contains(&at_us))
            .map(|(from, to, by)| by * (to - at_us) / (to - from));
        30_000 + (noise % 40_000) as i64 + more.sum::<i64>()
    }

    fn track(&self, is_sound: bool) -> Track {
        let (clock, rate, (frame_us, report_us)) = if is_sound {
            let every = self.sound_every.unwrap_or((20_000, 5 * SECOND));
            (&self.sound, 48_000_u32, every)
        } else {
            let every = self.picture_every.unwrap_or((40_000, SECOND));
            (&self.picture, 90_000, every)
        };
        let (silent, unreported) = if is_sound {
            (&self.no_sound, &self.no_sound_reports)
        } else {
            (&self.no_picture, &self.no_picture_reports)
        };
        let within =
            |list: &[(i64, i64)], at: i64| list.iter().any(|(from, to)| (*from..*to).contains(&at));
        let rtp = |at: i64| {
            let ticks = clock.reads_us(at) * f64::from(rate) / 1e6;
            (1_u64 << 40).saturating_add_signed(ticks.round() as i64)
        };
        let held = |at: i64| {
            self.held
                .iter()
                .find(|(from, to)| (*from..*to).contains(&at))
        };
        let leaves = |at: i64| held(at).map_or(at, |(_, to)| *to);
        let times = |every: i64| {
            (1..)
                .map(move |n| n * every)
                .take_while(|at| *at < 120 * SECOND)
        };
        let captured: Vec<_> = times(frame_us).filter(|at| !within(silent, *at)).collect();
        let mut frames: Vec<_> = captured
            .iter()
            .map(|at| (rtp(*at), leaves(*at) + self.delay_us(*at, frame_us)))
            .collect();
        // One network queue: nothing overtakes.
        for n in 1..frames.len() {
            frames[n].1 = frames[n].1.max(frames[n - 1].1);
        }
        let reports =
            times(report_us).filter(|at| !within(silent, *at) && !within(unreported, *at));
        let reports = reports.map(|at| Report {
            ntp_us: 3_900_000_000 * SECOND + self.ntp.reads_us(leaves(at)).round() as i64,
            rtp: rtp(held(at).map_or(at, |(from, _)| *from)),
            received_us: leaves(at) + self.delay_us(at, report_us),
        });
        let facts = Facts {
            run: 0,
            clock_rate: rate,
            frames,
            reports: reports.collect(),
        };
        Track { facts, captured }
    }

    /// How far the frames of sound and picture are from where they belong, at most, and from one another in any
    /// second of the scene; in milliseconds. What was captured during a mishap of a clock is not asked.
    fn displaced_ms(&self) -> (i64, i64) {
        let tracks = [self.track(true), self.track(false)];
        let mappings = align(&tracks.each_ref().map(|track| track.facts.clone()));
        let clocks = [&self.sound, &self.picture, &self.ntp];
        let mishaps: Vec<(i64, i64)> = clocks
            .into_iter()
            .flat_map(|clock| &clock.mishaps)
            .map(|mishap| match *mishap {
                Stands { at_us, for_us } => (at_us, at_us + for_us),
                Jumps { at_us, .. } => (at_us, at_us),
            })
            .collect();
        let (mut worst, mut apart) = (0, 0);
        let mut seconds = [[None::<(i64, i64)>; 2]; 120];
        for (which, (track, mapping)) in tracks.iter().zip(&mappings).enumerate() {
            for (n, at) in track.captured.iter().enumerate() {
                let amid = |(from, to): &(i64, i64)| (*from..*to).contains(at);
                if mishaps.iter().any(amid) {
                    continue;
                }
                let placed = mapping.session_us(n, track.facts.frames[n].0) as i64;
                // The least delay is part of every place.
                let off = placed - at - 35_000;
                worst = worst.max(off.abs());
                let range = &mut seconds[(at / SECOND) as usize][which];
                let (low, high) = range.unwrap_or((off, off));
                *range = Some((low.min(off), high.max(off)));
            }
        }
        for second in &seconds {
            if let [Some(sound), Some(picture)] = second {
                apart = apart.max((sound.1 - picture.0).max(picture.1 - sound.0));
            }
        }
        (worst / 1_000, apart / 1_000)
    }

    fn is_straight(&self, what: &str) {
        let (worst, apart) = self.displaced_ms();
        assert!(
            apart <= 60,
            "{what}: sound and picture are {apart} ms apart"
        );
        assert!(
            worst <= 100,
            "{what}: something is {worst} ms from its place"
        );
    }
}

fn stands(at_s: i64, for_ms: i64) -> Mishap {
    Stands {
        at_us: at_s * SECOND,
        for_us: for_ms * 1_000,
    }
}

fn jumps(at_s: i64, by_ms: i64) -> Mishap {
    Jumps {
        at_us: at_s * SECOND,
        by_us: by_ms * 1_000,
    }
}

/// The times of standing still.
fn silences(mishaps: &[Mishap]) -> Vec<(i64, i64)> {
    let silence = |mishap: &Mishap| match *mishap {
        Stands { at_us, for_us } => Some((at_us, at_us + for_us)),
        Jumps { .. } => None,
    };
    mishaps.iter().filter_map(silence).collect()
}

/// Everything of the sender stands still, as when a laptop sleeps.
fn sleeps(mishaps: &[Mishap]) -> Scene {
    let clock = Clock::of(mishaps);
    Scene {
        sound: clock.clone(),
        picture: clock.clone(),
        ntp: clock,
        no_sound: silences(mishaps),
        no_picture: silences(mishaps),
        ..Scene::default()
    }
}

/// RTP time of sound and picture stands still; NTP time goes on.
fn stalls(mishaps: &[Mishap]) -> Scene {
    Scene {
        ntp: Clock::default(),
        ..sleeps(mishaps)
    }
}

/// Sound alone stands still.
fn sound_stalls(mishaps: &[Mishap]) -> Scene {
    Scene {
        sound: Clock::of(mishaps),
        no_sound: silences(mishaps),
        ..Scene::default()
    }
}

/// The picture alone stands still.
fn picture_stalls(mishaps: &[Mishap]) -> Scene {
    Scene {
        picture: Clock::of(mishaps),
        no_picture: silences(mishaps),
        ..Scene::default()
    }
}

/// Every way to stand still, and what it is called.
fn every_stall(mishaps: &[Mishap]) -> [(Scene, &'static str); 4] {
    [
        (sleeps(mishaps), "asleep"),
        (stalls(mishaps), "stalled"),
        (sound_stalls(mishaps), "sound stalled"),
        (picture_stalls(mishaps), "picture stalled"),
    ]
}

#[test]
fn scene_without_mishaps_is_straight() {
    Scene::default().is_straight("nothing happens");
}

#[test]
fn clock_that_stands_still_displaces_nothing_before_or_after() {
    for for_ms in [150, 400, 1_000, 3_000, 4_900] {
        for (scene, what) in every_stall(&[stands(60, for_ms)]) {
            scene.is_straight(&format!("{what} for {for_ms} ms"));
        }
    }
}

#[test]
fn clocks_that_run_fast_or_slow_are_no_mishap_and_hide_none() {
    for more_ppm in [-300.0, 200.0] {
        for (scene, what) in every_stall(&[stands(60, 2_000)]) {
            let mut fast = scene.clone();
            for clock in [&mut fast.sound, &mut fast.picture, &mut fast.ntp] {
                clock.more_ppm = more_ppm;
            }
            fast.is_straight(&format!("{what}, all clocks off by {more_ppm} ppm"));
            let mut fast = scene;
            fast.sound.more_ppm = more_ppm;
            fast.is_straight(&format!("{what}, sound off by {more_ppm} ppm"));
        }
    }
}

#[test]
fn stall_is_found_among_few_frames_and_few_reports() {
    for for_ms in [300, 3_000] {
        for (scene, what) in every_stall(&[stands(60, for_ms)]) {
            for (sound_every, picture_every) in [
                // Silence, a picture each second, reports as some encoders send them.
                (Some((400_000, 5 * SECOND)), None),
                (None, Some((SECOND, SECOND))),
                (None, Some((40_000, 5 * SECOND))),
                (Some((20_000, 30 * SECOND)), Some((40_000, 30 * SECOND))),
            ] {
                let scene = Scene {
                    sound_every,
                    picture_every,
                    ..scene.clone()
                };
                scene.is_straight(&format!(
                    "{what} for {for_ms} ms, {sound_every:?}, {picture_every:?}"
                ));
            }
        }
    }
}

#[test]
fn stutters_do_not_add_up() {
    for (every_s, for_ms) in [
        (1, 40),
        (2, 30),
        (2, 80),
        (3, 100),
        (3, 110),
        (4, 120),
        (5, 90),
        (10, 90),
    ] {
        let times = (5..).map(|n| n * every_s * SECOND + 370_000);
        let stutters: Vec<_> = times
            .take_while(|at_us| *at_us < 115 * SECOND)
            .map(|at_us| Stands {
                at_us,
                for_us: for_ms * 1_000,
            })
            .collect();
        for (scene, what) in every_stall(&stutters).into_iter().skip(1) {
            let (worst, apart) = scene.displaced_ms();
            // What comes between two reports of the sound.
            let most = 200;
            assert!(
                worst <= most && apart <= most,
                "{what} for {for_ms} ms each {every_s} s: {apart} ms apart, {worst} ms displaced"
            );
        }
    }
}

#[test]
fn several_stalls_add_up() {
    let mishaps = [
        stands(20, 3_000),
        stands(26, 1_000),
        stands(40, 2_500),
        stands(43, 2_000),
        stands(90, 4_000),
    ];
    sleeps(&mishaps).is_straight("asleep again and again");
    stalls(&mishaps).is_straight("stalled again and again");
    sound_stalls(&mishaps).is_straight("sound stalled again and again");
}

#[test]
fn stall_at_the_begin_or_the_end_is_told_by_frames_alone() {
    // Before the first report of the sound, and after the last one.
    for at_s in [1, 3, 116, 118] {
        let mishap = [stands(at_s, 1_500)];
        sleeps(&mishap).is_straight(&format!("asleep at {at_s} s"));
        stalls(&mishap).is_straight(&format!("stalled at {at_s} s"));
        sound_stalls(&mishap).is_straight(&format!("sound stalled at {at_s} s"));
    }
}

#[test]
fn reports_that_are_missing_after_a_stall_are_not_needed() {
    let mishap = [stands(60, 3_000)];
    for (scene, what) in [
        (sleeps(&mishap), "asleep"),
        (stalls(&mishap), "stalled"),
        (sound_stalls(&mishap), "sound stalled"),
    ] {
        let rest = vec![(60 * SECOND, 120 * SECOND)];
        let silent = Scene {
            no_sound_reports: rest.clone(),
            ..scene.clone()
        };
        silent.is_straight(&format!("{what}, no report of the sound"));
        let silent = Scene {
            no_picture_reports: rest,
            ..silent
        };
        silent.is_straight(&format!("{what}, no report at all"));
        let before = vec![(0, 62 * SECOND)];
        let silent = Scene {
            no_sound_reports: before.clone(),
            no_picture_reports: before,
            ..scene
        };
        silent.is_straight(&format!("{what}, no report before"));
    }
}

#[test]
fn clock_that_jumps_displaces_nothing() {
    for by_ms in [-4_500, -2_000, -300, 300, 2_000, 4_500] {
        let mishap = [jumps(60, by_ms)];
        sleeps(&mishap).is_straight(&format!("both clocks jump by {by_ms} ms"));
        stalls(&mishap).is_straight(&format!("RTP time jumps by {by_ms} ms"));
        sound_stalls(&mishap).is_straight(&format!("sound jumps by {by_ms} ms"));
    }
}

#[test]
fn clock_that_stands_still_and_catches_up_displaces_nothing() {
    for again_s in [62, 64, 75, 100] {
        let mishaps = [stands(58, 1_500), jumps(again_s, 1_500)];
        sleeps(&mishaps).is_straight(&format!("awake, right at {again_s} s"));
        stalls(&mishaps).is_straight(&format!("stalled, right at {again_s} s"));
        sound_stalls(&mishaps).is_straight(&format!("sound, right at {again_s} s"));
    }
}

#[test]
fn clock_that_soon_catches_up_displaces_nothing_before_or_after() {
    for again_s in [61, 62] {
        let mishaps = [stands(60, 800), jumps(again_s, 800)];
        sleeps(&mishaps).is_straight(&format!("awake, right at {again_s} s"));
        stalls(&mishaps).is_straight(&format!("stalled, right at {again_s} s"));
    }
}

#[test]
fn time_that_stands_still_while_packets_go_on_does_not_displace_what_follows() {
    let mishap = [stands(61, 3_000)];
    let scene = Scene {
        no_sound: Vec::new(),
        no_picture: Vec::new(),
        ..stalls(&mishap)
    };
    scene.is_straight("RTP time stands still");
}

#[test]
fn ntp_time_that_is_set_in_the_middle_displaces_nothing() {
    for by_ms in [-40_000, -1_000, -150, 150, 400, 1_000, 3_600_000] {
        let set = |at_s: i64| Scene {
            ntp: Clock::of(&[jumps(at_s, by_ms)]),
            ..Scene::default()
        };
        for at_s in [2, 57, 61, 118] {
            set(at_s).is_straight(&format!("NTP time is set by {by_ms} ms at {at_s} s"));
        }
        let both = Scene {
            ntp: Clock::of(&[jumps(40, by_ms)]),
            ..stalls(&[stands(70, 2_000)])
        };
        both.is_straight(&format!("NTP time is set by {by_ms} ms, then a stall"));
        let woken = Scene {
            ntp: Clock::of(&[jumps(73, by_ms)]),
            ..stalls(&[stands(70, 2_000)])
        };
        woken.is_straight(&format!("NTP time is set by {by_ms} ms after a sleep"));
    }
}

#[test]
fn slow_network_is_no_clock() {
    // An outage of 3 s whose packets come all at once, a queue that drains for 10 s, and one for 15 s.
    for (to_s, by_ms) in [(63, 3_000), (70, 2_500), (75, 1_200)] {
        let scene = Scene {
            delays: vec![(60 * SECOND, to_s * SECOND, by_ms * 1_000)],
            ..Scene::default()
        };
        scene.is_straight(&format!("{by_ms} ms late until {to_s} s"));
    }
}

#[test]
fn report_of_a_sender_that_was_held_up_displaces_nothing() {
    for (before_ms, after_ms) in [(50, 150), (150, 50), (20, 280), (280, 20), (500, 400)] {
        // The reports of the sound come at full five seconds: the first, one in the middle, the last.
        for at_s in [5, 60, 115] {
            let (from, to) = (
                at_s * SECOND - before_ms * 1_000,
                at_s * SECOND + after_ms * 1_000,
            );
            let scene = Scene {
                held: vec![(from, to)],
                ..Scene::default()
            };
            scene.is_straight(&format!("held up at {at_s} s, {before_ms} + {after_ms} ms"));
        }
    }
}

#[test]
fn camera_that_was_off_while_the_laptop_slept_is_in_its_place() {
    let scene = Scene {
        no_picture: vec![(50 * SECOND, 80 * SECOND)],
        ..sleeps(&[stands(60, 3_000)])
    };
    scene.is_straight("asleep with the camera off");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens every twelve seconds, to one clock or to all.
    #[test]
    fn any_mishaps_leave_sound_and_picture_together(
        mishaps in proptest::collection::vec((0..4_u8, any::<bool>(), 200..4_000_i64, 0..3_000_i64), 7),
    ) {
        let mut scene = Scene::default();
        let mut drift = [0_i64; 2];
        for (n, (which, forward, ms, offset)) in mishaps.into_iter().enumerate() {
            let at_us = (14 + 14 * n as i64) * SECOND + offset * 1_000;
            let by_us = if forward { ms } else { -ms } * 1_000;
            let track = usize::from(which == 1);
            // An epoch ends where RTP time is 5 s from the receive clock.
            let stands = which == 3 || (drift[track] + by_us).abs() > 4_500_000;
            let mishap = if stands { Stands { at_us, for_us: 300_000 } } else { Jumps { at_us, by_us } };
            match which {
                0 if !stands => { drift[0] += by_us; scene.sound.mishaps.push(mishap) }
                1 if !stands => { drift[1] += by_us; scene.picture.mishaps.push(mishap) }
                2 if !stands => scene.ntp.mishaps.push(mishap),
                _ => {
                    for clock in [&mut scene.sound, &mut scene.picture, &mut scene.ntp] {
                        clock.mishaps.push(Stands { at_us, for_us: 300_000 });
                    }
                    scene.no_sound.push((at_us, at_us + 300_000));
                    scene.no_picture.push((at_us, at_us + 300_000));
                }
            }
        }
        let (worst, apart) = scene.displaced_ms();
        prop_assert!(apart <= 80 && worst <= 120, "{apart} ms apart, {worst} ms displaced: {scene:?}");
    }
}
