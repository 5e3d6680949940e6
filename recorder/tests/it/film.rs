//! The film that is made of a recording, judged by ffprobe and by its pixels and samples.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use protocol::PointId;
use protocol::api::RecordingFailure;
use protocol::client::{ConnectionState, Seat};
use protocol::media::Source;
use protocol::recorder::RecordedEvent;
use protocol::relay::RelayFrame;
use recorder::{ComposeConfig, compose};

use crate::media::{h264, opus, vp8, vp9};
use crate::script::{Person, Publish, Said, Script};
use crate::server::{record, record_until, record_until_killed};
use crate::witness::{between, config, film, is_blue, is_green, is_grey, is_red, onsets, tone};

const SECOND: u64 = 1_000_000;

fn sine(hertz: u32, seconds: u32) -> Vec<Vec<u8>> {
    opus(&format!(
        "sine=frequency={hertz}:sample_rate=48000:duration={seconds}"
    ))
}

fn coloured(colour: &str, size: &str, seconds: u32) -> Vec<Vec<u8>> {
    vp8(&format!(
        "color=c={colour}:size={size}:rate=25:duration={seconds}"
    ))
}

fn voice<'a>(person: &'a Person, stream: u32, from_us: u64, frames: &'a [Vec<u8>]) -> Publish<'a> {
    Publish {
        person,
        source: Source::Microphone,
        stream,
        from_us,
        every_us: 20_000,
        frames,
        reports: (5 * SECOND, 5 * SECOND),
        delay_us: 20_000,
    }
}

fn camera<'a>(person: &'a Person, stream: u32, from_us: u64, frames: &'a [Vec<u8>]) -> Publish<'a> {
    let source = Source::Camera;
    Publish {
        source,
        every_us: 40_000,
        reports: (SECOND, SECOND),
        ..voice(person, stream, from_us, frames)
    }
}

/// The middle of a seat of the wall, from 0.
fn seat(n: usize) -> (usize, usize) {
    (580, n * 66 + 20)
}

#[tokio::test]
async fn film_shows_every_colour_and_sounds_every_tone_and_a_gap_stays_a_gap() {
    let red = Person::new(1, "Sở Giáo dục và Đào tạo");
    let green = Person {
        skew_ppm: 100.0,
        ..Person::new(2, "Trường THCS Nguyễn Trãi")
    };
    let blue = Person::new(3, "Phường Hoà Khánh: 'điểm cầu' [3], 100%");
    let (low, middle, high) = (sine(440, 14), sine(1_000, 14), sine(1_800, 14));
    let mut script = Script::default();
    script.publish(&voice(&red, 1, 0, &low));
    script.publish(&camera(&red, 2, 0, &coloured("red", "320x180", 14)));
    script.publish(&voice(&green, 3, 0, &middle));
    // The encoder of the second one changes its size twice.
    let mut sizes = coloured("green", "320x180", 4);
    sizes.extend(coloured("green", "640x360", 4));
    sizes.extend(coloured("green", "160x90", 6));
    script.publish(&camera(&green, 4, 0, &sizes));
    script.publish(&voice(&blue, 5, 0, &high));
    // The third one's camera comes late and goes early.
    script.publish(&camera(
        &blue,
        6,
        4 * SECOND,
        &coloured("blue", "320x180", 4),
    ));
    script.event(
        100_000,
        RecordedEvent::ActiveSpeaker {
            participant: Some(green.id),
        },
    );
    script.event(
        6 * SECOND,
        RecordedEvent::ActiveSpeaker {
            participant: Some(blue.id),
        },
    );
    // The third one's voice is gone from 5 s to 10 s.
    script
        .lines
        .retain(|(at, said)| !(is_packet_of(said, 5) && (5 * SECOND..10 * SECOND).contains(at)));

    let stage = record(&mut script).await;
    let film = film(&stage);

    assert!((film.seconds() - 14.0).abs() < 0.1, "{} s", film.seconds());
    assert!((film.made.duration_us as f64 / 1e6 - film.seconds()).abs() < 0.1);
    assert_eq!(
        film.made.bytes,
        std::fs::metadata(&film.path).expect("a file").len()
    );
    assert_eq!(
        film.probe("stream=codec_name,profile,pix_fmt"),
        ["h264", "High", "yuv420p", "aac", "LC"]
    );
    assert_eq!(film.progress.first(), Some(&0));
    assert_eq!(film.progress.last(), Some(&100));
    assert!(film.progress.is_sorted());
    assert_eq!(leftovers(&stage.folder()), [] as [String; 0]);
    assert!(starts_before_it_is_loaded(&film.path));

    for at in [1.0, 5.0, 9.0, 13.0] {
        let ((x, y), (x2, y2)) = (seat(0), seat(1));
        assert!(
            is_red(film.colour(at, x, y)),
            "{:?} at {at}",
            film.colour(at, x, y)
        );
        assert!(
            is_green(film.colour(at, x2, y2)),
            "{:?} at {at}",
            film.colour(at, x2, y2)
        );
    }
    let (x, y) = seat(2);
    assert!(
        is_grey(film.colour(2.0, x, y)),
        "{:?}: the camera is not on yet",
        film.colour(2.0, x, y)
    );
    assert!(
        is_blue(film.colour(6.0, x, y)),
        "{:?}",
        film.colour(6.0, x, y)
    );
    assert!(
        is_grey(film.colour(12.0, x, y)),
        "{:?}: the camera is gone",
        film.colour(12.0, x, y)
    );
    let main = (260, 180);
    assert!(
        is_green(film.colour(3.0, main.0, main.1)),
        "the speaker is large"
    );
    assert!(
        is_blue(film.colour(7.0, main.0, main.1)),
        "the next speaker is large"
    );

    let samples = film.samples();
    assert!((samples.len() as f64 / 48_000.0 - 14.0).abs() < 0.1);
    for (from, to, third) in [(1.0, 4.8, true), (5.2, 9.8, false), (10.2, 13.8, true)] {
        let part = between(&samples, from, to);
        assert!(tone(part, 440.0) > 0.05, "{}", tone(part, 440.0));
        assert!(tone(part, 1_000.0) > 0.05, "{}", tone(part, 1_000.0));
        assert_eq!(
            tone(part, 1_800.0) > 0.05,
            third,
            "{} from {from}",
            tone(part, 1_800.0)
        );
        assert!(tone(part, 3_000.0) < 0.01, "nobody sounds like that");
    }
}

#[tokio::test]
async fn wall_keeps_absent_points_grey_and_guests_only_while_they_are_there() {
    let red = Person::new(1, "Sở Giáo dục và Đào tạo");
    let guest = Person::guest(7, "Chuyên gia Nguyễn Thị Minh Khai, Đại học Sư phạm");
    let mut script = Script::default();
    let seat_of = |number: u32, name: &str| Seat {
        number,
        bridge_point: PointId(uuid::Uuid::from_u128(number.into())),
        code: format!("DC-{number:02}"),
        name: name.to_owned(),
        main: number == 1,
    };
    let seats = vec![
        seat_of(1, red.name),
        seat_of(2, "Trường Tiểu học Nậm Càn"),
        seat_of(3, "Trường Phổ thông Dân tộc Bán trú Tiểu học Mường Ải"),
    ];
    script.event(0, RecordedEvent::Seats { seats });
    script.event(0, red.joins());
    script.publish(&camera(&red, 1, 0, &coloured("red", "320x180", 10)));
    script.event(2 * SECOND, guest.joins());
    script.publish(&camera(
        &guest,
        2,
        2 * SECOND,
        &coloured("blue", "320x180", 4),
    ));
    script.event(6 * SECOND, guest.leaves());
    let stage = record(&mut script).await;
    let film = film(&stage);

    let at = |second: f64, n: usize| film.colour(second, seat(n).0, seat(n).1);
    for second in [1.0, 5.0, 9.0] {
        assert!(is_red(at(second, 0)), "{:?}", at(second, 0));
        for absent in [1, 2] {
            assert!(is_grey(at(second, absent)), "{:?}", at(second, absent));
        }
    }
    assert!(is_blue(at(5.0, 3)), "{:?}: the guest is there", at(5.0, 3));
    for second in [1.0, 9.0] {
        let [r, g, b] = at(second, 3);
        assert!(r.max(g).max(b) < 40, "no tile at {second} s: {r} {g} {b}");
    }
}

#[tokio::test]
async fn late_camera_and_late_reports_leave_flash_and_beep_together() {
    let person = Person {
        skew_ppm: 100.0,
        ..Person::new(1, "Trường Mầm non Hoa Sen")
    };
    let flash = vp8(
        "color=c=black:size=320x180:rate=25:duration=8,drawbox=color=white:t=fill:enable='between(t,4,4.3)'",
    );
    let beep =
        opus("aevalsrc='0.5*sin(2*PI*1000*t)*between(t,7.7,8)':sample_rate=48000:duration=12");
    let mut script = Script::default();
    script.publish(&voice(&person, 1, 0, &beep));
    script.publish(&camera(&person, 2, 3_700_000, &flash));
    let stage = record(&mut script).await;
    let film = film(&stage);

    let seen = film
        .brightness()
        .iter()
        .position(|brightness| *brightness > 150.0)
        .expect("a flash");
    let heard = film
        .samples()
        .iter()
        .position(|sample| sample.abs() > 0.1)
        .expect("a beep");
    let early_ms = seen as f64 * 40.0 - heard as f64 / 48.0;
    assert!(
        (-60.0..=40.0).contains(&early_ms),
        "the sound is {early_ms} ms early"
    );
    assert!(
        (heard as f64 / 48_000.0 - 7.7).abs() < 0.06,
        "the beep is at {} s",
        heard as f64 / 48_000.0
    );
    assert_eq!(film.made.estimated_epochs, 0);
}

/// 24 s of pictures and of sound: a flash and a beep of 200 ms at each even second.
fn flashes_and_beeps() -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let flashes = vp8(
        "color=c=black:size=320x180:rate=25:duration=24,drawbox=color=white:t=fill:enable='lt(mod(n,50),5)'",
    );
    let beeps =
        opus("aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,2),0.2)':sample_rate=48000:duration=24");
    (flashes, beeps)
}

#[tokio::test]
async fn laptop_that_sleeps_displaces_neither_flash_nor_beep() {
    let (flash, beep) = flashes_and_beeps();
    for ntp_sleeps in [true, false] {
        let person = Person {
            sleep: Some((11 * SECOND, 2_900_000)),
            ntp_sleeps,
            ..Person::new(1, "Trường Tiểu học Hòa Bình")
        };
        let mut script = Script::default();
        script.publish(&voice(&person, 1, 0, &beep));
        script.publish(&camera(&person, 2, 0, &flash));
        let stage = record(&mut script).await;
        let film = film(&stage);

        let (seen, heard) = film.cues();
        let expected: Vec<f64> = (0..12)
            .filter(|n| *n != 6)
            .map(|n| f64::from(n) * 2_000.0)
            .collect();
        for (what, found) in [("flashes", &seen), ("beeps", &heard)] {
            let right = found.len() == expected.len()
                && found
                    .iter()
                    .zip(&expected)
                    .all(|(at, due)| (at - due).abs() < 100.0);
            assert!(
                right,
                "{what} at {found:?} ms, NTP time asleep: {ntp_sleeps}"
            );
        }
        for (seen, heard) in seen.iter().zip(&heard) {
            assert!(
                (seen - heard).abs() < 100.0,
                "a beep at {heard} for a flash at {seen}"
            );
        }
        assert_eq!(film.made.estimated_epochs, 0);
    }
}

#[tokio::test]
async fn encoder_without_a_clock_has_flash_and_beep_together() {
    let (flash, beep) = flashes_and_beeps();
    // Zero, and as the engine tells it.
    for ntp in [0, 2_208_988_800 << 32] {
        let person = Person {
            ntp: Some(ntp),
            ..Person::new(1, "Trường Tiểu học Hòa Bình")
        };
        let mut script = Script::default();
        script.publish(&voice(&person, 1, 0, &beep));
        // Its reports come at other moments than those of the sound.
        script.publish(&Publish {
            reports: (4_700_000, 5 * SECOND),
            ..camera(&person, 2, 0, &flash)
        });
        let stage = record(&mut script).await;
        let film = film(&stage);
        let (seen, heard) = film.cues();
        assert_eq!((seen.len(), heard.len()), (12, 12), "{seen:?} {heard:?}");
        for (seen, heard) in seen.iter().zip(&heard) {
            assert!(
                (seen - heard).abs() < 100.0,
                "a beep at {heard} for a flash at {seen}, NTP time {ntp:#x}"
            );
        }
        assert_eq!(film.made.estimated_epochs, 2, "their places are estimated");
    }
}

#[tokio::test]
async fn film_of_a_killed_recorder_is_as_long_as_the_meeting() {
    let person = Person::new(1, "Xã Hòa Tiến");
    let mut script = Script::default();
    script.publish(&voice(&person, 1, 0, &sine(440, 10)));
    script.publish(&camera(&person, 2, 0, &coloured("red", "320x180", 10)));
    let mut stage = record_until_killed(&mut script, 5 * SECOND).await;

    let before = film(&stage);
    assert!(
        (3.0..5.1).contains(&before.seconds()),
        "{} s without being finalised",
        before.seconds()
    );

    let mut link = stage.go_on(&mut script, 7 * SECOND).await;
    link.stop_at(script.end_us()).await;
    stage.stop_recorder().await;
    let film = film(&stage);
    assert!((film.seconds() - 10.0).abs() < 0.1, "{} s", film.seconds());
    let samples = film.samples();
    assert!(tone(between(&samples, 1.0, 2.9), 440.0) > 0.05);
    assert!(
        tone(between(&samples, 5.2, 6.8), 440.0) < 0.01,
        "nobody recorded that"
    );
    assert!(tone(between(&samples, 8.0, 9.8), 440.0) > 0.05);
    let (x, y) = seat(0);
    assert!(
        is_red(film.colour(9.0, x, y)),
        "{:?}",
        film.colour(9.0, x, y)
    );
}

#[tokio::test]
async fn lossy_link_costs_neither_length_nor_tone_nor_colour() {
    let person = Person::new(1, "Trường TH&THCS Ba Đồn");
    let mut script = Script::default();
    script.publish(&voice(&person, 1, 0, &sine(440, 10)));
    script.publish(&camera(&person, 2, 0, &coloured("red", "320x180", 10)));
    // 5 % are lost, some are swapped, and for 2 s nothing comes at all.
    let mut n = 0_u64;
    script.lines.retain_mut(|(at, said)| {
        n = n
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let packet = is_packet_of(said, 1) || is_packet_of(said, 2);
        *at += if (n >> 40).is_multiple_of(10) {
            45_000
        } else {
            0
        };
        !(packet && ((n >> 33).is_multiple_of(20) || (5 * SECOND..7 * SECOND).contains(at)))
    });
    let stage = record(&mut script).await;
    let manifest = recorder::Manifest::read(&stage.folder())
        .expect("readable")
        .expect("a manifest");
    assert!(
        manifest
            .tracks
            .iter()
            .all(|track| track.epochs[0].lost_packets > 10),
        "the loss is told"
    );
    assert!(
        manifest
            .tracks
            .iter()
            .all(|track| track.epochs[0].longest_gap_us > 1_900_000),
        "the outage is told"
    );

    let film = film(&stage);
    assert!((film.seconds() - 10.0).abs() < 0.1, "{} s", film.seconds());
    let samples = film.samples();
    for second in 1..9 {
        let part = between(&samples, f64::from(second), f64::from(second) + 1.0);
        let outage = (5..7).contains(&second);
        assert_eq!(
            tone(part, 440.0) > 0.05,
            !outage,
            "{} in second {second}",
            tone(part, 440.0)
        );
    }
    let (x, y) = seat(0);
    assert!(
        is_red(film.colour(1.0, x, y)),
        "{:?}",
        film.colour(1.0, x, y)
    );
    assert!(
        is_red(film.colour(9.0, x, y)),
        "{:?}: the next keyframe mends it",
        film.colour(9.0, x, y)
    );
}

/// Tells a child of the test program to be a composer of this folder.
const BE_A_COMPOSER: &str = "DIEMCAU_TEST_COMPOSER";

/// The composer of the test below, which stops halfway; run by itself it has nothing to do.
#[test]
fn composer_process() {
    if let Some(folder) = std::env::var_os(BE_A_COMPOSER).map(PathBuf::from) {
        let stop_halfway = |percent| {
            if percent >= 50 {
                std::thread::sleep(std::time::Duration::from_secs(600));
            }
        };
        compose(
            &folder,
            &folder.join("composite.mp4"),
            &config(),
            stop_halfway,
        )
        .expect("composed");
    }
}

#[tokio::test]
async fn killed_composer_leaves_no_helper_and_the_next_one_tidies_up() {
    let person = Person::new(1, "Xã Hòa Phong");
    let mut script = Script::default();
    script.publish(&voice(&person, 1, 0, &sine(440, 4)));
    script.publish(&camera(&person, 2, 0, &coloured("red", "320x180", 4)));
    let stage = record(&mut script).await;
    let mut composer = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "film::composer_process"])
        .env(BE_A_COMPOSER, stage.folder())
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    let drawing = |names: Vec<String>| names.iter().any(|name| name.ends_with(".mp4"));
    until(|| drawing(leftovers(&stage.folder()))).await;
    composer.kill().expect("killed");
    composer.wait().expect("dead");
    until(|| helpers(&stage.folder()).is_empty()).await;
    assert!(
        !stage.folder().join("composite.mp4").exists(),
        "half a film is no film"
    );

    film(&stage);
    assert_eq!(leftovers(&stage.folder()), [] as [String; 0]);
}

/// The processes that have a file of the folder on their command line.
fn helpers(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").expect("Linux").flatten();
    let commands =
        processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    commands
        .map(|command| String::from_utf8_lossy(&command).into_owned())
        .filter(|c| c.contains(&folder))
        .collect()
}

async fn until(condition: impl Fn() -> bool) {
    let began = std::time::Instant::now();
    while !condition() {
        assert!(began.elapsed().as_secs() < 60, "waited in vain");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// Why there is no film of a folder.
fn failure(folder: &Path, config: &ComposeConfig) -> RecordingFailure {
    compose(folder, &folder.join("x.mp4"), config, |_| {})
        .expect_err("no film")
        .failure()
}

#[tokio::test]
async fn missing_ffmpeg_is_said_clearly() {
    let person = Person::new(1, "Xã Hòa Phong");
    let mut script = Script::default();
    script.publish(&voice(&person, 1, 0, &sine(440, 1)));
    let stage = record(&mut script).await;
    let config = ComposeConfig {
        ffmpeg: "/nowhere/ffmpeg".into(),
        ..config()
    };
    let output = stage.folder().join("x.mp4");
    let error = compose(&stage.folder(), &output, &config, |_| {}).expect_err("no ffmpeg");
    assert_eq!(error.failure(), RecordingFailure::FfmpegMissing);
    assert!(error.to_string().contains("apt install ffmpeg"), "{error}");
}

#[tokio::test]
async fn recording_of_nothing_or_of_nonsense_has_no_film_and_says_which() {
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(
        failure(&folder.path().join("gone"), &config()),
        RecordingFailure::FilesMissing
    );
    assert_eq!(failure(folder.path(), &config()), RecordingFailure::NoMedia);

    let nobody = record(&mut Script::default()).await;
    assert_eq!(
        failure(&nobody.folder(), &config()),
        RecordingFailure::NoMedia
    );

    // Packets of a codec that say nothing.
    let person = Person::new(1, "Xã Hòa Phong");
    let mut script = Script::default();
    script.publish(&voice(&person, 1, 0, &vec![vec![0xff; 3]; 50]));
    let mut key = vec![0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00];
    key.extend([0xff; 8]);
    script.publish(&camera(&person, 2, 0, &vec![key; 25]));
    let nonsense = record(&mut script).await;
    assert_eq!(
        failure(&nonsense.folder(), &config()),
        RecordingFailure::Undecodable
    );
    let odd = ComposeConfig { fps: 0, ..config() };
    assert_eq!(
        failure(&nonsense.folder(), &odd),
        RecordingFailure::BadSettings
    );
}

#[tokio::test]
async fn film_ends_with_the_last_person_and_begins_with_the_first() {
    let person = Person::new(1, "Trường Mầm non Hoa Sen");
    let (voice_from, stop) = (3 * SECOND, 60 * SECOND);
    for (name, gone, seconds) in [("leaves", true, 8.0), ("stays in silence", false, 60.0)] {
        let mut script = Script::default();
        // There from 1 s on, silent at first.
        script.event(SECOND, person.joins());
        script.publish(&voice(&person, 1, voice_from, &sine(440, 4)));
        if gone {
            script.event(9 * SECOND, person.connection(ConnectionState::Reconnecting));
            script.event(24 * SECOND, person.leaves());
        }
        let stage = record_until(&mut script, stop).await;
        let film = film(&stage);
        let expected = if gone { seconds } else { seconds - 1.0 };
        assert!(
            (film.seconds() - expected).abs() < 0.1,
            "who {name}: {} s",
            film.seconds()
        );
        assert_eq!(film.made.begins_at_us, 1_000_000);
        let heard = onsets(film.samples().iter().map(|s| s.abs() > 0.05), 1.0 / 48.0);
        assert!((heard[0] - 2_000.0).abs() < 60.0, "{heard:?}");
    }
}

fn is_packet_of(said: &Said, stream: u32) -> bool {
    matches!(said, Said::Relayed(RelayFrame::Packet(packet)) if packet.stream == stream)
}

/// Whatever unfinished files lie about.
fn leftovers(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    names.filter(|name| name.starts_with('.')).collect()
}

/// Whether the index of an MP4 comes before its media.
fn starts_before_it_is_loaded(file: &Path) -> bool {
    let bytes = std::fs::read(file).expect("read");
    let find = |kind: &[u8]| bytes.windows(4).position(|window| window == kind);
    find(b"moov") < find(b"mdat")
}

#[tokio::test]
async fn film_shows_a_camera_that_changes_its_size_and_its_codec() {
    let person = Person::new(1, "Sở Giáo dục và Đào tạo");
    let source = |colour: &str, size: &str, seconds: u32| {
        format!("color=c={colour}:size={size}:rate=25:duration={seconds}")
    };
    let mut script = Script::default();
    script.publish(&voice(&person, 1, 0, &sine(440, 14)));
    // An encoder that speaks H.264 alone, and lowers its size under way.
    let mut hardware = h264(&source("red", "640x360", 4));
    hardware.extend(h264(&source("blue", "320x180", 4)));
    script.publish_h264(&camera(&person, 2, 0, &hardware));
    script.publish(&camera(
        &person,
        3,
        8 * SECOND,
        &coloured("green", "320x180", 2),
    ));
    let layered = vp9(&source("red", "320x180", 4));
    script.publish_vp9(&camera(&person, 4, 10 * SECOND, &layered));

    let stage = record(&mut script).await;
    let film = film(&stage);

    assert!((film.seconds() - 14.0).abs() < 0.1, "{} s", film.seconds());
    for second in [1, 3] {
        let shown = film.colour(f64::from(second), 250, 180);
        assert!(is_red(shown), "{second} s: {shown:?}");
    }
    for second in [5, 7] {
        let shown = film.colour(f64::from(second), 250, 180);
        assert!(is_blue(shown), "{second} s: {shown:?}");
    }
    let shown = film.colour(9.0, 250, 180);
    assert!(is_green(shown), "{shown:?}");
    for second in [11, 13] {
        let shown = film.colour(f64::from(second), 250, 180);
        assert!(is_red(shown), "{second} s: {shown:?}");
    }
}

#[tokio::test]
async fn damaged_track_costs_itself_alone() {
    let (red, green) = (
        Person::new(1, "Xã Hòa Phong"),
        Person::new(2, "Xã Hòa Tiến"),
    );
    let (tone_of_red, of_red) = (sine(440, 3), coloured("red", "320x180", 3));
    let of_green = coloured("green", "320x180", 3);
    for (damage, costs) in [
        ("cut in its head", true),
        ("without its index", true),
        ("with a tail of rubbish", false),
    ] {
        let mut script = Script::default();
        script.publish(&voice(&red, 1, 0, &tone_of_red));
        script.publish(&camera(&red, 2, 0, &of_red));
        script.publish(&camera(&green, 3, 0, &of_green));
        let stage = record(&mut script).await;
        let track = stage.folder().join(format!("seg/{}-camera/0001", red.id));
        let (media, index) = (track.with_extension("mkv"), track.with_extension("idx"));
        match damage {
            "cut in its head" => {
                let bytes = std::fs::read(&media).expect("read");
                std::fs::write(&media, &bytes[..10]).expect("written");
            }
            "without its index" => std::fs::remove_file(&index).expect("removed"),
            _ => {
                for file in [media, index] {
                    let bytes = std::fs::read(&file).expect("read");
                    std::fs::write(&file, [bytes, vec![0x5a; 77]].concat()).expect("written");
                }
            }
        }
        let film = film(&stage);
        assert!(
            (film.seconds() - 3.0).abs() < 0.1,
            "{damage}: {} s",
            film.seconds()
        );
        let seen = [seat(0), seat(1)].map(|(x, y)| film.colour(2.0, x, y));
        assert_eq!(is_red(seen[0]), !costs, "{damage}: {seen:?}");
        assert_eq!(is_grey(seen[0]), costs, "{damage}: {seen:?}");
        assert!(is_green(seen[1]), "{damage}: {seen:?}");
        assert!(
            tone(between(&film.samples(), 1.0, 2.0), 440.0) > 0.05,
            "{damage}"
        );
    }
}
