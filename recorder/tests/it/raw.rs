//! What is on disk while and after a room is recorded.

use std::path::PathBuf;

use protocol::api::RecordingFailure;
use protocol::media::Source;
use protocol::relay::{RelayFrame, RelayMessage};
use recorder::{Manifest, ManifestState, recover, verify};

use crate::disk::SmallDisk;
use crate::media::{decodable, h264, opus, output_of, packet_times, tell, vp8};
use crate::script::{Person, Publish, Said, Script, recording_id};
use crate::server::{Stage, assert_lasts, record, record_until_killed};

const SECOND: u64 = 1_000_000;

/// One person speaks and shows a picture for `seconds`, from the begin on.
pub(crate) fn one_person(seconds: u64) -> (Person, Script) {
    let person = Person::new(1, "Trường Tiểu học Hòa Bình");
    let mut script = Script::default();
    let voice = opus(&format!(
        "sine=frequency=440:sample_rate=48000:duration={seconds}"
    ));
    let picture = vp8(&format!("testsrc=size=320x180:rate=25:duration={seconds}"));
    script.publish(&Publish {
        person: &person,
        source: Source::Microphone,
        stream: 1,
        from_us: 0,
        every_us: 20_000,
        frames: &voice,
        reports: (5 * SECOND, 5 * SECOND),
        delay_us: 20_000,
    });
    script.publish(&Publish {
        person: &person,
        source: Source::Camera,
        stream: 2,
        from_us: 0,
        every_us: 40_000,
        frames: &picture,
        reports: (SECOND, SECOND),
        delay_us: 20_000,
    });
    (person, script)
}

/// The media files of the recording; there are some.
pub(crate) fn media_files(stage: &Stage) -> Vec<PathBuf> {
    let files = media_files_so_far(stage);
    assert!(!files.is_empty(), "nothing is recorded");
    files
}

/// The same, while there may be none yet.
pub(crate) fn media_files_so_far(stage: &Stage) -> Vec<PathBuf> {
    let Ok(tracks) = std::fs::read_dir(stage.folder().join("seg")) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for track in tracks {
        for file in std::fs::read_dir(track.expect("an entry").path()).expect("a folder") {
            files.push(file.expect("an entry").path());
        }
    }
    files.retain(|path| path.extension().is_some_and(|e| e == "mkv"));
    files.sort();
    files
}

pub(crate) fn manifest(stage: &Stage) -> Manifest {
    Manifest::read(&stage.folder())
        .expect("readable")
        .expect("a manifest")
}

#[tokio::test]
async fn tracks_are_stored_as_published_and_the_manifest_vouches_for_them() {
    let (person, mut script) = one_person(6);
    let stage = record(&mut script).await;
    for file in media_files(&stage) {
        let times = packet_times(&file);
        let last = times.last().expect("packets");
        assert!(
            (5.9..6.1).contains(last),
            "{} ends at {last}",
            file.display()
        );
        assert!(decodable(&file));
    }
    let manifest = manifest(&stage);
    assert_eq!(manifest.state, ManifestState::Finalised);
    assert_eq!(manifest.tracks.len(), 2);
    assert_eq!(manifest.tracks[0].name, person.name);
    assert_eq!(manifest.tracks[1].epochs[0].frames, 150);
    assert_eq!(manifest.tracks[1].epochs[0].size, Some((320, 180)));
    assert_lasts(manifest.duration_us, 6);
    assert_eq!(verify(&stage.folder()).expect("verifiable"), []);
}

#[tokio::test]
async fn flipped_bit_is_found() {
    let (_, mut script) = one_person(2);
    let stage = record(&mut script).await;
    let file = media_files(&stage).remove(0);
    let mut bytes = std::fs::read(&file).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).expect("written");
    let damages = verify(&stage.folder()).expect("verifiable");
    assert_eq!(damages.len(), 1);
    assert!(damages[0].what.contains("changed"), "{}", damages[0].what);
}

#[tokio::test]
async fn killed_recorder_loses_two_seconds_at_most_and_goes_on_in_new_epochs() {
    let (_, mut script) = one_person(12);
    let mut seed = 20_261_122_u64;
    for _ in 0..3 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let killed_us = 3 * SECOND + (seed >> 33) % (6 * SECOND);
        tell(format_args!("killed at {killed_us} us"));
        let mut stage = Stage::new();
        stage.start_process();
        let mut link = stage.connect(0).await;
        link.say(&script.between(0, killed_us)).await;
        link.settle().await;
        stage.kill_process();
        drop(link);
        let files = media_files(&stage);
        assert_eq!(files.len(), 2, "one per track");
        for file in files {
            let last = *packet_times(&file).last().expect("packets");
            assert!(
                last > killed_us as f64 / 1e6 - 2.0,
                "{} ends at {last}",
                file.display()
            );
        }

        let mut link = stage.go_on(&mut script, killed_us + SECOND).await;
        let duration_us = link.stop_at(12 * SECOND).await;
        stage.stop_recorder().await;

        assert_lasts(duration_us, 12);
        let manifest = manifest(&stage);
        assert!(manifest.recovered);
        for track in &manifest.tracks {
            assert_eq!(track.epochs.len(), 2);
            assert!(track.epochs[0].interrupted && !track.epochs[1].interrupted);
        }
        assert_eq!(verify(&stage.folder()).expect("verifiable"), []);
        let events = std::fs::read_to_string(stage.folder().join("events.jsonl")).expect("read");
        assert_eq!(
            events.matches(r#""type":"gap""#).count(),
            2,
            "one per track"
        );
        assert!(media_files(&stage).iter().all(|file| decodable(file)));
    }
}

#[tokio::test]
async fn quiet_voice_reaches_the_disk_although_nothing_follows() {
    let (_, mut script) = one_person(2);
    let mut stage = Stage::new();
    let link = stage.begin(&mut script, SECOND / 4).await;
    let began = std::time::Instant::now();
    let stored = |file: &PathBuf| std::fs::metadata(file).expect("a file").len() > 600;
    loop {
        let files = media_files_so_far(&stage);
        if files.len() == 2 && files.iter().all(stored) {
            break;
        }
        assert!(
            began.elapsed().as_secs() < 60,
            "still not on disk: {files:?}"
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    drop(link);
    stage.stop_recorder().await;
    assert_eq!(manifest(&stage).state, ManifestState::Interrupted);
}

#[tokio::test]
async fn recorder_that_is_stopped_with_its_server_still_completes_the_recording() {
    let (_, mut script) = one_person(2);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, u64::MAX).await;
    stage.cancel_recorder();
    link.stop().await;
    stage.stop_recorder().await;
    assert_eq!(manifest(&stage).state, ManifestState::Finalised);
}

#[tokio::test]
async fn recording_lasts_until_it_was_stopped_however_late_the_recorder_hears_of_it() {
    let (_, mut script) = one_person(2);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, u64::MAX).await;
    assert_eq!(
        link.stop_at(5 * SECOND).await / 10_000,
        497,
        "from 20 ms on"
    );
    stage.stop_recorder().await;
    assert_eq!(manifest(&stage).stopped_at_us, Some(5_000_000));
}

#[tokio::test]
async fn recorder_that_comes_back_records_before_it_has_looked_through_what_was_there() {
    let (person, mut script) = one_person(12);
    let mut stage = record_until_killed(&mut script, 5 * SECOND).await;
    // Whoever opens this file waits for somebody to write it: an hour of pictures on a slow disk.
    let slow = media_files(&stage).remove(0);
    std::fs::remove_file(&slow).expect("removed");
    output_of("mkfifo", &[&slow.to_string_lossy()]);

    let mut link = stage.go_on(&mut script, 6 * SECOND).await;
    link.settle().await;
    let stored = |track: &str| {
        let folder = stage.folder().join("seg").join(track).join("0002.mkv");
        std::fs::metadata(folder).is_ok_and(|file| file.len() > 10_000)
    };
    for source in ["microphone", "camera"] {
        let track = format!("{}-{source}", person.id);
        assert!(stored(&track), "the second epoch of the {source}");
    }

    // A stop waits for it, and nobody else does.
    link.say_stop(Some(12 * SECOND)).await;
    link.start_other().await;
    let writer = std::thread::spawn(move || std::fs::write(slow, b"").expect("read by somebody"));
    let duration_us = link.hear_finalised().await;
    writer.join().expect("no panic");
    stage.stop_recorder().await;
    assert_lasts(duration_us, 12);
    let manifest = manifest(&stage);
    assert_eq!(manifest.state, ManifestState::Finalised);
    let vouched: Vec<Vec<bool>> = manifest
        .tracks
        .iter()
        .map(|track| {
            track
                .epochs
                .iter()
                .map(|epoch| epoch.media.is_some())
                .collect()
        })
        .collect();
    assert_eq!(
        vouched,
        [[true, true], [false, true]],
        "what could not be read is told"
    );
    assert_eq!(verify(&stage.folder()).expect("verifiable"), []);
}

#[tokio::test]
async fn lost_manifest_is_made_anew_from_what_is_on_disk() {
    let (_, mut script) = one_person(12);
    for damage in [&b"{ half a manif"[..], b""] {
        let mut stage = record_until_killed(&mut script, 5 * SECOND).await;
        std::fs::write(stage.folder().join("manifest.json"), damage).expect("written");
        let mut link = stage.go_on(&mut script, 6 * SECOND).await;
        let duration_us = link.stop_at(12 * SECOND).await;
        stage.stop_recorder().await;
        assert_lasts(duration_us, 12);
        assert_eq!(verify(&stage.folder()).expect("verifiable"), []);
    }
}

#[tokio::test]
async fn recording_that_was_never_begun_is_closed_as_one_of_nothing() {
    let mut stage = Stage::new();
    stage.start_recorder();
    let mut link = stage.connect_only().await;
    assert_eq!(link.stop().await, 0);
    stage.stop_recorder().await;
}

#[tokio::test]
async fn codec_that_cannot_be_stored_does_not_disturb_the_others() {
    let (person, mut script) = one_person(2);
    let stranger = RelayMessage::StreamStarted {
        recording: recording_id(),
        stream: 9,
        track: person.track(Source::Screen),
        codec: "av1".to_owned(),
        clock_rate: 90_000,
        ssrc: 9,
        rid: None,
    };
    let stranger = Said::Relayed(RelayFrame::Message(stranger));
    script.lines.push((0, stranger));
    let stage = record(&mut script).await;
    assert_eq!(manifest(&stage).tracks.len(), 2);
}

#[tokio::test]
async fn folder_that_cannot_be_written_is_told_to_the_server() {
    let mut stage = Stage::new();
    std::fs::write(
        stage.data.path().join("recordings"),
        b"a file where a folder should be",
    )
    .expect("written");
    stage.start_recorder();
    let mut link = stage.connect_only().await;
    assert_eq!(link.fail_to_start().await, RecordingFailure::DiskFailed);
    stage.stop_recorder().await;
}

#[tokio::test]
async fn full_disk_costs_what_it_could_not_hold_and_nothing_before_or_after() {
    let Some(disk) = SmallDisk::mount(4) else {
        tell(format_args!("not done: only root can mount a small disk"));
        return;
    };
    let (_, mut script) = one_person(12);
    let data = tempfile::tempdir_in(&disk.at).expect("a folder");
    let mut stage = Stage::on(data);
    let mut link = stage.begin(&mut script, 4 * SECOND).await;
    link.settle().await;
    disk.fill();
    link.say(&script.between(4 * SECOND, 7 * SECOND)).await;
    assert_eq!(link.hear_failed().await, RecordingFailure::DiskFull);
    assert_eq!(link.fail_to_start().await, RecordingFailure::DiskFull);
    disk.free();
    link.start(8 * SECOND).await;
    link.say(&script.announcements()).await;
    link.say(&script.between(8 * SECOND, u64::MAX)).await;
    let duration_us = link.stop_at(12 * SECOND).await;
    stage.stop_recorder().await;
    assert_lasts(duration_us, 12);
    let manifest = manifest(&stage);
    assert_eq!(verify(&stage.folder()).expect("verifiable"), []);
    for track in &manifest.tracks {
        let [before, behind] = &track.epochs[..] else {
            panic!("{:?}", track.epochs);
        };
        assert!(
            (2_900_000..4_100_000).contains(&before.last_us),
            "{before:?}"
        );
        assert!(
            (8_000_000..10_100_000).contains(&behind.first_us),
            "{behind:?}"
        );
    }
    assert!(media_files(&stage).iter().all(|file| decodable(file)));
}

#[tokio::test]
async fn broken_link_keeps_everything_that_came() {
    let (_, mut script) = one_person(6);
    let mut stage = Stage::new();
    let link = stage.begin(&mut script, 3 * SECOND).await;
    drop(link);
    // The recorder comes back by itself, after it has closed what was open.
    let mut link = stage.connect(4 * SECOND).await;
    for file in media_files(&stage) {
        let last = *packet_times(&file).last().expect("packets");
        assert!(last > 2.9, "{} ends at {last}", file.display());
    }
    let duration_us = link.stop().await;
    assert_lasts(duration_us, 3);
    stage.stop_recorder().await;
}

#[tokio::test]
async fn stop_of_a_recording_that_nobody_has_open_completes_it() {
    let (_, mut script) = one_person(4);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, 3 * SECOND).await;
    link.settle().await;
    stage.kill_recorder().await;
    drop(link);
    stage.start_recorder();
    let mut link = stage.connect_only().await;
    let duration_us = link.stop().await;
    assert!(
        (1e6..3.1e6).contains(&(duration_us as f64)),
        "{duration_us}"
    );
    let first = std::fs::read(stage.folder().join("manifest.json")).expect("read");
    assert_eq!(
        link.stop().await,
        duration_us,
        "completing twice is completing once"
    );
    assert_eq!(
        std::fs::read(stage.folder().join("manifest.json")).expect("read"),
        first
    );
    stage.stop_recorder().await;
}

#[tokio::test]
async fn stop_that_comes_after_a_crash_ends_the_recording_when_it_was_said() {
    let (_, mut script) = one_person(4);
    let mut stage = record_until_killed(&mut script, 3 * SECOND).await;
    stage.start_recorder();
    let mut link = stage.connect_only().await;
    link.stop_at(4 * SECOND).await;
    let stopped = manifest(&stage).stopped_at_us;
    assert_eq!(stopped, Some(4_000_000));
    link.stop().await;
    assert_eq!(manifest(&stage).stopped_at_us, stopped);
    stage.stop_recorder().await;
}

#[tokio::test]
async fn keyframes_are_asked_for_at_the_begin_and_after_a_loss() {
    let (_, mut script) = one_person(4);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, SECOND).await;
    link.settle().await;
    assert!(link.keyframes_wanted.contains(&2), "at the begin");
    assert!(!link.keyframes_wanted.contains(&1), "voices have none");
    link.keyframes_wanted.clear();
    link.say(&script.between(SECOND, 21 * SECOND / 10)).await;
    link.settle().await;
    assert!(link.keyframes_wanted.is_empty(), "nothing is lost");
    link.say(&script.between(22 * SECOND / 10, 4 * SECOND))
        .await;
    link.settle().await;
    assert!(link.keyframes_wanted.contains(&2), "after a loss");
    drop(link);
    stage.stop_recorder().await;
}

#[tokio::test]
async fn file_cut_anywhere_is_recovered_to_something_that_decodes() {
    let (_, mut script) = one_person(5);
    let stage = record(&mut script).await;
    let file = media_files(&stage).remove(0);
    let index = file.with_extension("idx");
    let (whole, whole_index) = (
        std::fs::read(&file).expect("read"),
        std::fs::read(&index).expect("read"),
    );
    let mut open = manifest(&stage);
    open.state = ManifestState::Recording;
    for epoch in open.tracks.iter_mut().flat_map(|track| &mut track.epochs) {
        (epoch.media, epoch.index) = (None, None);
    }
    let open = serde_json::to_vec(&open).expect("JSON");
    let mut seed = 7_u64;
    for n in 0..100 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let cut = (seed >> 33) as usize % whole.len();
        std::fs::write(&file, &whole[..cut]).expect("written");
        std::fs::write(&index, &whole_index).expect("written");
        std::fs::write(stage.folder().join("manifest.json"), &open).expect("written");
        assert!(recover(&stage.folder()).expect("recovered"));
        assert!(
            !recover(&stage.folder()).expect("recovered"),
            "recovering twice is recovering once"
        );
        assert_eq!(
            verify(&stage.folder()).expect("verifiable"),
            [],
            "cut at {cut}"
        );
        assert!(
            file.exists() || cut < whole.len() / 4,
            "cut at {cut} of {}",
            whole.len()
        );
        // ffmpeg takes a while: every tenth is judged by it.
        if n % 10 == 0 && file.exists() {
            assert!(decodable(&file), "cut at {cut}");
        }
    }
}

#[tokio::test]
async fn h264_is_stored_for_any_player_and_each_size_is_an_epoch() {
    let person = Person::new(1, "Trường Tiểu học Hòa Bình");
    let source = |size: &str| format!("testsrc=size={size}:rate=25:duration=4");
    let mut pictures = h264(&source("640x360"));
    pictures.extend(h264(&source("320x180")));
    let mut script = Script::default();
    script.publish_h264(&Publish {
        person: &person,
        source: Source::Camera,
        stream: 1,
        from_us: 0,
        every_us: 40_000,
        frames: &pictures,
        reports: (SECOND, SECOND),
        delay_us: 20_000,
    });
    let stage = record(&mut script).await;
    let manifest = manifest(&stage);
    let epochs = &manifest.tracks[0].epochs;
    let sizes: Vec<_> = epochs.iter().map(|epoch| epoch.size).collect();
    assert_eq!(sizes, [Some((640, 360)), Some((320, 180))]);
    assert!(epochs.iter().all(|epoch| epoch.frames == 100));
    assert!(epochs.iter().all(|epoch| epoch.codec == "h264"));
    for (file, size) in media_files(&stage).iter().zip(["640,360", "320,180"]) {
        assert!(decodable(file), "{}", file.display());
        let path = file.to_string_lossy();
        let told = output_of(
            "ffprobe",
            &[
                "-v",
                "error",
                "-count_frames",
                "-show_entries",
                "stream=codec_name,width,height,nb_read_frames",
                "-of",
                "csv=p=0",
                &path,
            ],
        );
        let told = String::from_utf8(told).expect("text");
        assert_eq!(told.trim(), format!("h264,{size},100"));
    }
    assert!(verify(&stage.folder()).expect("readable").is_empty());
}
