//! Every parser of bytes from the network, each with samples of what it should understand.

use protocol::client::{ClientFrame, ServerFrame};
use protocol::frame;
use protocol::recorder::RecorderMessage;
use protocol::relay::{RelayFrame, RelayMessage, RelayPacket};

/// One parser.
pub(crate) struct Target {
    /// What it reads.
    pub(crate) name: &'static str,
    /// Takes any bytes, and panics when a promise is broken.
    pub(crate) run: fn(&[u8]),
    /// Bytes that it understands.
    pub(crate) samples: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub(crate) const TARGETS: [Target; 9] = [
    Target {
        name: "datagram",
        run: sfu_core::fuzz::datagram,
        samples: datagrams,
    },
    Target {
        name: "pictures",
        run: pictures,
        samples: streams_of_pictures,
    },
    Target {
        name: "offer",
        run: sfu_core::fuzz::offer,
        samples: offers,
    },
    Target {
        name: "tcp_frames",
        run: sfu::fuzz::tcp_frames,
        samples: || vec![b"\x00\x03abc\x00\x00\x00\x01d".to_vec()],
    },
    Target {
        name: "client_frames",
        run: client_frames,
        samples: fixtures,
    },
    Target {
        name: "ingest_sdp",
        run: signaling::routes::fuzz_sdp,
        samples: offers,
    },
    Target {
        name: "turn",
        run: turn,
        samples: || vec![turn_core::fuzz::sample()],
    },
    Target {
        name: "relay_frames",
        run: relay_frames,
        samples: relayed,
    },
    Target {
        name: "recorded_packets",
        run: recorder::fuzz::packets,
        samples: streams_of_pictures,
    },
];

fn pictures(bytes: &[u8]) {
    sfu_core::fuzz::pictures(std::time::Instant::now(), bytes);
}

fn turn(bytes: &[u8]) {
    turn_core::fuzz::stream(std::time::Instant::now(), bytes);
}

/// A message of a client is what it was after a way through; what is not understood is refused.
fn client_frames(bytes: &[u8]) {
    if let Ok(frame) = serde_json::from_slice::<ClientFrame>(bytes) {
        let text = serde_json::to_vec(&frame).expect("a frame is JSON");
        let again: ClientFrame = serde_json::from_slice(&text).expect("what we write, we read");
        assert_eq!(again, frame);
    }
    let _ = serde_json::from_slice::<ServerFrame>(bytes);
}

/// Frames are taken from the front until the bytes end, are no frames, or a frame is not whole.
fn relay_frames(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some((frame, length))) = RelayFrame::decode(rest) {
        assert!(length > 4 && length <= rest.len());
        if let RelayFrame::Packet(_) = &frame {
            let mut encoded = Vec::new();
            frame.encode(&mut encoded);
            assert_eq!(
                RelayFrame::decode(&encoded),
                Ok(Some((frame, encoded.len())))
            );
        }
        rest = &rest[length..];
    }
    let _ = frame::decode_message::<RecorderMessage>(bytes);
}

/// A binding request with SOFTWARE and USERNAME, a DTLS record, an RTP packet.
fn datagrams() -> Vec<Vec<u8>> {
    let mut request = vec![0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42];
    request.extend([9; 12]);
    request.extend(b"\x80\x22\x00\x03abc\x00\x00\x06\x00\x0bmine:theirs\x00");
    vec![
        request,
        b"\x16\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00".to_vec(),
        b"\x80\x60\x00\x01\x00\x00\x00\x02\x00\x00\x00\x03\x10\x00\x9d\x01\x2a".to_vec(),
    ]
}

/// Each packet: circumstances (1 marker, 2 late, 4 after a loss, 8 of a new picture), length, payload. The first byte of
/// all is the codec.
fn stream(codec: u8, packets: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![codec];
    for (how, payload) in packets {
        bytes.extend([*how, payload.len() as u8]);
        bytes.extend_from_slice(payload);
    }
    bytes
}

fn streams_of_pictures() -> Vec<Vec<u8>> {
    let keyframe: &[u8] = &[
        0x90, 0xe0, 0xff, 0xfe, 0xff, 0x20, 0x10, 0, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xb4, 0,
    ];
    let top: &[u8] = &[0x90, 0xe0, 0xff, 0xff, 0xff, 0xa0, 1, 2, 3];
    let base: &[u8] = &[0x90, 0xe0, 0x80, 0x00, 0x00, 0x00, 1, 2, 3];
    let vp8 = stream(
        0,
        &[(9, keyframe), (0x59, top), (9, base), (12, top), (3, top)],
    );
    let sets: &[u8] = &[
        0x78, 0, 25, 0x67, 0x42, 0xc0, 0x1e, 0xd9, 0x00, 0xa0, 0x2f, 0xf9, 0x70, 0x11, 0, 0, 3, 0,
        1, 0, 0, 3, 0, 0x32, 0x0f, 0x16, 0x2e, 0x48, 0, 5, 0x68, 0xcb, 0x83, 0xcb, 0x20,
    ];
    let idr: [&[u8]; 2] = [&[0x7c, 0x85, 1, 2, 3], &[0x7c, 0x45, 4, 5]];
    let slice: &[u8] = &[0x41, 0x9a, 7];
    let h264 = stream(
        1,
        &[
            (8, sets),
            (0, idr[0]),
            (1, idr[1]),
            (9, slice),
            (8, &[]),
            (13, slice),
        ],
    );
    // A keyframe that tells its sizes, and an upper layer; then a picture that refers to it.
    let base: &[u8] = &[
        0xae, 0xff, 0xfe, 0x00, 0xff, 0x38, 0, 160, 0, 90, 1, 64, 0, 180, 1, 0x04, 1, 0x82, 0x49,
        0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x36,
    ];
    let upper: &[u8] = &[0xac, 0xff, 0xfe, 0x03, 0xff, 4, 5];
    let later: [&[u8]; 2] = [
        &[0xec, 0xff, 0xff, 0x00, 0x00, 6],
        &[0xec, 0xff, 0xff, 0x02, 0x00, 7],
    ];
    let vp9 = stream(
        2,
        &[
            (0x78, base),
            (1, upper),
            (0xb8, later[0]),
            (1, later[1]),
            (13, later[0]),
        ],
    );
    vec![vp8, h264, vp9]
}

/// A browser's, and a WHIP encoder's with H.264 alone.
/// A page's offer, and some of encoders and players as they were captured.
fn offers() -> Vec<Vec<u8>> {
    let digest = vec!["0f"; 32].join(":");
    let session = format!(
        "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3 4 5 6 7 8 9 10 11\r\n\
         a=fingerprint:sha-256 {digest}\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef0123456789\r\n"
    );
    let line = |kind: &str, payload: u8, mid: usize, direction: &str, codec: &str| {
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {payload}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\na={direction}\r\n\
             a=rtcp-mux\r\na=setup:actpass\r\na=rtpmap:{payload} {codec}\r\n"
        )
    };
    let mut phone = session;
    phone += &line("audio", 111, 0, "sendonly", "opus/48000/2");
    phone += &line("video", 96, 1, "sendonly", "VP8/90000");
    phone += "a=rid:l send\r\na=rid:m send\r\na=rid:h send\r\na=simulcast:send l;~m;h\r\n";
    phone += &line("video", 96, 2, "sendonly", "VP8/90000");
    for mid in 3..7 {
        phone += &line("audio", 111, mid, "recvonly", "opus/48000/2");
    }
    for mid in 7..12 {
        phone += &line("video", 96, mid, "recvonly", "VP8/90000");
    }
    phone += "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n\
        a=rtcp-fb:96 transport-cc\r\n";
    let captured = [
        include_str!("../../sfu/core/tests/offers/obs32-simulcast.sdp"),
        include_str!("../../sfu/core/tests/offers/ffmpeg8-passive.sdp"),
        include_str!("../../sfu/core/tests/offers/gst-multicodec.sdp"),
        include_str!("../../sfu/core/tests/offers/mid-long.sdp"),
        include_str!("../../sfu/core/tests/offers/whep-av.sdp"),
    ];
    let captured = captured.into_iter().map(|offer| offer.as_bytes().to_vec());
    std::iter::once(phone.into_bytes())
        .chain(captured)
        .collect()
}

/// The messages of the protocol's fixtures.
fn fixtures() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../../signaling/protocol/fixtures/client.hello.resume.json").to_vec(),
        include_bytes!("../../signaling/protocol/fixtures/client.command.offer.json").to_vec(),
        include_bytes!("../../signaling/protocol/fixtures/client.command.set_view.json").to_vec(),
        include_bytes!("../../signaling/protocol/fixtures/client.command.grant_floor.json")
            .to_vec(),
        include_bytes!("../../signaling/protocol/fixtures/server.welcome.json").to_vec(),
        include_bytes!("../../signaling/protocol/fixtures/server.media.slot_assigned.json")
            .to_vec(),
    ]
}

fn relayed() -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    RelayFrame::Message(RelayMessage::Hello { protocol: 1 }).encode(&mut bytes);
    RelayFrame::Packet(RelayPacket {
        stream: 1,
        sequence: 70_000,
        time: 1 << 33,
        received_us: 5,
        marker: true,
        payload: vec![0x10, 0, 1, 2],
    })
    .encode(&mut bytes);
    RelayFrame::Message(RelayMessage::StreamEnded { stream: 1 }).encode(&mut bytes);
    vec![bytes]
}
