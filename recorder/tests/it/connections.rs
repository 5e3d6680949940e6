//! Signaling and the media node speak on connections of their own: in whatever order they are heard, and whichever of
//! them breaks, nothing that was sent is lost.

use std::path::PathBuf;

use protocol::gaps::Gap;
use protocol::relay::{RELAY_VERSION, RelayMessage};
use recorder::{ManifestState, verify};

use crate::media::packet_times;
use crate::raw::{manifest, media_files, media_files_so_far, one_person};
use crate::script::{MONO, Said, Script, recording_id};
use crate::server::{Stage, assert_lasts};

const SECOND: u64 = 1_000_000;

/// How many lines of this type the event log of a recording has.
fn events(stage: &Stage, kind: &str) -> usize {
    let log = std::fs::read_to_string(stage.folder().join("events.jsonl")).expect("read");
    log.matches(&format!(r#""type":"{kind}""#)).count()
}

/// What the node says between two times of the virtual clock.
fn relayed(script: &mut Script, from_us: u64, to_us: u64) -> Vec<Said> {
    let mut said = script.between(from_us, to_us);
    said.retain(|said| matches!(said, Said::Relayed(_)));
    said
}

/// Waits until `is_so`.
async fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = std::time::Instant::now();
    while !is_so() {
        assert!(began.elapsed().as_secs() < 60, "{what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn relay_that_breaks_costs_what_came_meanwhile_and_is_told_as_a_gap() {
    let (_, mut script) = one_person(12);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, 5 * SECOND).await;
    link.settle().await;
    link.node = None;
    stage.connect_node(&mut link).await;
    link.say(&script.announcements()).await;
    link.say(&script.between(6 * SECOND, u64::MAX)).await;
    let duration_us = link.stop_at(12 * SECOND).await;
    stage.stop_recorder().await;

    assert_lasts(duration_us, 12);
    for track in &manifest(&stage).tracks {
        let [before, behind] = &track.epochs[..] else {
            panic!("{:?}", track.epochs);
        };
        assert!(before.interrupted && !behind.interrupted);
        assert!(
            (4_900_000..5_100_000).contains(&before.last_us),
            "{before:?}"
        );
        // The clip has a keyframe every four seconds.
        assert!(
            (6_000_000..8_100_000).contains(&behind.first_us),
            "{behind:?}"
        );
    }
    assert_eq!(events(&stage, "gap"), 2, "one per track");
    assert_eq!(events(&stage, "resumed"), 0, "signaling was there");
    assert_eq!(verify(&stage.folder()).expect("verifiable"), []);
}

#[tokio::test]
async fn what_is_relayed_is_recorded_while_signaling_is_away() {
    let (_, mut script) = one_person(12);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, 4 * SECOND).await;
    link.settle().await;
    link.signaling = None;
    let meanwhile = relayed(&mut script, 4 * SECOND, 8 * SECOND);
    link.say(&meanwhile).await;
    stage.connect_signaling(&mut link).await;
    link.start(8 * SECOND).await;
    link.say(&script.between(8 * SECOND, u64::MAX)).await;
    let duration_us = link.stop_at(12 * SECOND).await;
    stage.stop_recorder().await;

    assert_lasts(duration_us, 12);
    let manifest = manifest(&stage);
    assert!(manifest.tracks.iter().all(|track| track.epochs.len() == 1));
    assert_eq!(manifest.tracks[1].epochs[0].frames, 300);
    assert_eq!(manifest.tracks[1].epochs[0].lost_packets, 0);
    assert_eq!(events(&stage, "gap"), 0);
    assert_eq!(
        events(&stage, "resumed"),
        1,
        "what happened in the room meanwhile is not known"
    );
}

#[tokio::test]
async fn stop_cuts_nothing_that_the_node_sent_before() {
    let (_, mut script) = one_person(6);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, 3 * SECOND).await;
    link.tell_stop(Some(6 * SECOND)).await;
    // When this is answered, the stop has been heard.
    link.start(6 * SECOND).await;
    link.say(&relayed(&mut script, 3 * SECOND, u64::MAX)).await;
    let recording = recording_id();
    link.relay(RelayMessage::RelayEnded { recording }).await;
    link.hear_finalised().await;
    stage.stop_recorder().await;

    for file in media_files(&stage) {
        let last = *packet_times(&file).last().expect("packets");
        assert!(last > 5.9, "{} ends at {last}", file.display());
    }
    assert_eq!(manifest(&stage).stopped_at_us, Some(6_000_000));
}

#[tokio::test]
async fn node_that_never_says_that_it_is_over_is_not_waited_for_for_long() {
    let (_, mut script) = one_person(2);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, u64::MAX).await;
    link.tell_stop(Some(2 * SECOND)).await;
    let duration_us = link.hear_finalised().await;
    assert_lasts(duration_us, 2);
    stage.stop_recorder().await;
    assert_eq!(manifest(&stage).state, ManifestState::Finalised);
}

#[tokio::test]
async fn recording_whose_node_is_gone_is_completed() {
    let (_, mut script) = one_person(2);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, u64::MAX).await;
    link.node = None;
    link.stop_at(2 * SECOND).await;
    stage.stop_recorder().await;
    assert_eq!(manifest(&stage).state, ManifestState::Finalised);
}

#[tokio::test]
async fn stream_that_comes_before_the_word_to_record_it_is_recorded_from_its_begin() {
    let (person, mut script) = one_person(4);
    let mut stage = Stage::new();
    stage.start_recorder();
    let mut link = stage.connect_only().await;
    link.start_other().await;
    stage.connect_node(&mut link).await;
    let recording = recording_id();
    link.relay(RelayMessage::RelayStarted { recording }).await;
    link.say(&relayed(&mut script, 0, SECOND)).await;
    link.settle().await;
    assert!(!stage.folder().exists());

    link.start(0).await;
    link.say(&script.announcements_of_signaling()).await;
    link.say(&relayed(&mut script, SECOND, u64::MAX)).await;
    link.stop_at(4 * SECOND).await;
    stage.stop_recorder().await;
    let manifest = manifest(&stage);
    assert_eq!(manifest.tracks.len(), 2);
    for track in &manifest.tracks {
        assert_eq!(track.name, person.name);
        assert_eq!(track.epochs.len(), 1);
        assert!(track.epochs[0].first_us < 100_000, "{:?}", track.epochs);
    }
    assert_eq!(manifest.tracks[1].epochs[0].frames, 100);
}

#[tokio::test]
async fn whoever_has_no_name_yet_is_recorded_all_the_same_and_named_later() {
    let (person, mut script) = one_person(4);
    let mut stage = Stage::new();
    stage.start_recorder();
    let mut link = stage.connect(0).await;
    link.say(&relayed(&mut script, 0, 3 * SECOND)).await;
    let recorded = |file: &PathBuf| std::fs::metadata(file).is_ok_and(|file| file.len() > 1_000);
    eventually("nothing is recorded", || {
        let files = media_files_so_far(&stage);
        files.len() == 2 && files.iter().all(recorded)
    })
    .await;
    link.say(&script.announcements_of_signaling()).await;
    link.say(&relayed(&mut script, 3 * SECOND, u64::MAX)).await;
    link.stop_at(4 * SECOND).await;
    stage.stop_recorder().await;
    let manifest = manifest(&stage);
    assert_eq!(manifest.tracks.len(), 2);
    for track in &manifest.tracks {
        assert_eq!((track.name.as_str(), track.seat), (person.name, Some(1)));
        assert!(track.epochs[0].first_us < 100_000, "{:?}", track.epochs);
    }
}

#[tokio::test]
async fn what_the_relay_dropped_is_in_the_event_log_and_a_keyframe_is_asked_for() {
    let (_, mut script) = one_person(6);
    let mut stage = Stage::new();
    let mut link = stage.begin(&mut script, 2 * SECOND).await;
    link.settle().await;
    link.keyframes_wanted.clear();
    for stream in [1, 2] {
        let gap = Gap {
            dropped: 40 + u64::from(stream),
            from_us: MONO + 2 * SECOND,
            to_us: MONO + 3 * SECOND,
        };
        link.relay(RelayMessage::Gap { stream, gap }).await;
    }
    link.settle().await;
    assert!(link.keyframes_wanted.contains(&2), "the picture needs one");
    link.say(&script.between(3 * SECOND, u64::MAX)).await;
    link.stop_at(6 * SECOND).await;
    stage.stop_recorder().await;
    let log = std::fs::read_to_string(stage.folder().join("events.jsonl")).expect("read");
    for packets in [41, 42] {
        let gap = format!(r#""from_us":2000000,"to_us":3000000,"packets":{packets}"#);
        assert_eq!(log.matches(&gap).count(), 1, "{log}");
    }
    let manifest = manifest(&stage);
    assert!(manifest.tracks.iter().all(|track| track.epochs.len() == 1));
}

#[tokio::test]
async fn node_of_another_version_or_one_that_speaks_nonsense_is_left_and_tried_again() {
    let (_, mut script) = one_person(2);
    let mut stage = Stage::new();
    stage.start_recorder();
    let mut link = stage.connect_only().await;
    link.start(0).await;
    let decode = protocol::relay::RelayFrame::decode;
    let mut node = stage.accept_at_node(RELAY_VERSION + 1).await;
    assert!(node.frame(decode).await.is_some(), "it says hello");
    assert_eq!(node.frame(decode).await, None, "and hangs up");
    for nonsense in [&[0xff_u8; 64][..], &[1, 0, 0, 0, 9], &[5, 0, 0, 0, 0, b'{']] {
        let mut node = stage.accept_at_node(RELAY_VERSION).await;
        node.write(nonsense).await;
        node.write(&[0; 16]).await;
        assert!(node.frame(decode).await.is_some(), "it says hello");
        assert_eq!(node.frame(decode).await, None, "and hangs up");
    }

    stage.connect_node(&mut link).await;
    link.say(&script.between(0, u64::MAX)).await;
    link.stop_at(2 * SECOND).await;
    stage.stop_recorder().await;
    assert_eq!(manifest(&stage).tracks.len(), 2);
}
