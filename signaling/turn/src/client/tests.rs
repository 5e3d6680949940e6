use proptest::prelude::*;

use super::*;

const NOON: u64 = 1_795_334_400;

/// The media engine as clients know it, and where it really is.
struct Engine;

const MEDIA: &str = "203.0.113.10:7000";
const INSIDE: &str = "192.0.2.2:7000";

impl Peers for Engine {
    fn may_reach(&self, ip: IpAddr) -> bool {
        ip == at(MEDIA).ip()
    }

    fn target(&self, peer: SocketAddr) -> Option<SocketAddr> {
        (peer == at(MEDIA)).then(|| at(INSIDE))
    }
}

fn at(address: &str) -> SocketAddr {
    address.parse().unwrap()
}

/// One client and the means to sign as it.
struct Scene {
    client: Client,
    credentials: Credentials,
    name: String,
    key: Key,
    begin: Instant,
    passed: Duration,
}

/// Time begins somewhere.
#[expect(
    clippy::disallowed_methods,
    reason = "only differences from here on count"
)]
fn some_instant() -> Instant {
    Instant::now()
}

impl Scene {
    fn new() -> Self {
        let credentials = Credentials::new(b"secret");
        let given = credentials.issue("point-7", NOON + 3_600);
        let begin = some_instant();
        Self {
            client: Client::new(begin, at("198.51.100.4:50000"), "nonce".to_owned()),
            credentials,
            key: key_of(&given.username, REALM, &given.password),
            name: given.username,
            begin,
            passed: Duration::ZERO,
        }
    }

    fn allocated() -> Self {
        let mut scene = Self::new();
        assert_eq!(scene.allocate(), "success");
        scene
    }

    fn now(&self) -> Now {
        Now {
            at: self.begin + self.passed,
            unix: NOON + self.passed.as_secs(),
        }
    }

    fn later(&mut self, seconds: u64) {
        self.passed += Duration::from_secs(seconds);
    }

    fn signed(&self, writer: Writer) -> Vec<u8> {
        writer
            .put(attribute::USERNAME, self.name.as_bytes())
            .put(attribute::REALM, REALM.as_bytes())
            .put(attribute::NONCE, b"nonce")
            .sign(&self.key)
    }

    /// Hands a message in, and says what came of it in a word or an error code.
    fn hand(&mut self, bytes: &[u8]) -> String {
        let now = self.now();
        let step = self.client.handle(now, bytes, &self.credentials, &Engine);
        match step {
            Ok(Step::Nothing) => "nothing".to_owned(),
            Ok(Step::Reply(reply)) => verdict(&reply),
            Ok(Step::Release(reply)) => format!("release, {}", verdict(&reply)),
            Ok(Step::Send { to, payload }) => {
                format!("{} to {to}", String::from_utf8_lossy(payload))
            }
            Ok(Step::Allocate(request)) => {
                assert_eq!(request.subject, "point-7");
                let relay = Ok(at("192.0.2.2:40000"));
                verdict(&self.client.allocated(now.at, request, relay))
            }
            Err(fault) => fault.to_string(),
        }
    }

    fn allocate(&mut self) -> String {
        let request = self.signed(
            Writer::new(Class::Request, method::ALLOCATE, [1; 12])
                .put(attribute::REQUESTED_TRANSPORT, &[UDP, 0, 0, 0]),
        );
        self.hand(&request)
    }

    fn refresh(&mut self, lifetime: u32) -> String {
        let request = self.signed(
            Writer::new(Class::Request, method::REFRESH, [2; 12])
                .put(attribute::LIFETIME, &lifetime.to_be_bytes()),
        );
        self.hand(&request)
    }

    fn permit(&mut self, peer: &str) -> String {
        let request = self.signed(
            Writer::new(Class::Request, method::CREATE_PERMISSION, [3; 12])
                .put_address(attribute::XOR_PEER_ADDRESS, at(peer)),
        );
        self.hand(&request)
    }

    fn bind(&mut self, number: u16, peer: &str) -> String {
        let [high, low] = number.to_be_bytes();
        let request = self.signed(
            Writer::new(Class::Request, method::CHANNEL_BIND, [4; 12])
                .put(attribute::CHANNEL_NUMBER, &[high, low, 0, 0])
                .put_address(attribute::XOR_PEER_ADDRESS, at(peer)),
        );
        self.hand(&request)
    }

    fn send(&mut self, peer: &str) -> String {
        let indication = Writer::new(Class::Indication, method::SEND, [5; 12])
            .put_address(attribute::XOR_PEER_ADDRESS, at(peer))
            .put(attribute::DATA, b"hello")
            .finish();
        self.hand(&indication)
    }

    fn on_channel(&mut self, number: u16) -> String {
        let mut bytes = number.to_be_bytes().to_vec();
        bytes.extend_from_slice(b"\x00\x05hello\0\0\0");
        self.hand(&bytes)
    }

    fn hears(&mut self, from: &str) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let now = self.now().at;
        self.client
            .on_datagram(now, at(from), b"hi", &mut out)
            .then_some(out)
    }
}

/// "success", or the number of the error.
fn verdict(bytes: &[u8]) -> String {
    let message = Message::parse(bytes).unwrap();
    match (message.class, message.get(attribute::ERROR_CODE)) {
        (Class::Success, None) => "success".to_owned(),
        (Class::Error, Some(&[0, 0, class, number, ..])) => format!("{class}{number:02}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn whoever_has_a_credential_is_relayed_to_the_media_engine_and_back() {
    let mut scene = Scene::allocated();
    assert_eq!(scene.permit(MEDIA), "success");
    assert_eq!(scene.send(MEDIA), format!("hello to {INSIDE}"));
    let heard = scene.hears(INSIDE).unwrap();
    let indication = Message::parse(&heard).unwrap();
    assert_eq!(indication.get(attribute::DATA), Some(&b"hi"[..]));
    let peer = indication.get(attribute::XOR_PEER_ADDRESS).unwrap();
    assert_eq!(indication.address(peer), Some(at(MEDIA)));

    assert_eq!(scene.bind(0x4000, MEDIA), "success");
    assert_eq!(scene.on_channel(0x4000), format!("hello to {INSIDE}"));
    assert_eq!(scene.hears(INSIDE).unwrap(), b"\x40\x00\x00\x02hi\0\0");
}

#[test]
fn without_a_signature_everybody_is_asked_for_one() {
    let mut scene = Scene::new();
    let bare = Writer::new(Class::Request, method::ALLOCATE, [9; 12])
        .put(attribute::REQUESTED_TRANSPORT, &[UDP, 0, 0, 0])
        .finish();
    let now = scene.now();
    let Ok(Step::Reply(reply)) = scene.client.handle(now, &bare, &scene.credentials, &Engine)
    else {
        panic!("no reply");
    };
    assert_eq!(verdict(&reply), "401");
    let challenge = Message::parse(&reply).unwrap();
    assert_eq!(challenge.text(attribute::NONCE), Some("nonce"));
    assert_eq!(challenge.text(attribute::REALM), Some(REALM));
}

#[test]
fn expired_credential_opens_nothing() {
    let mut scene = Scene::new();
    scene.later(3_600);
    assert_eq!(scene.allocate(), "401");
}

#[test]
fn credential_of_another_server_opens_nothing() {
    let mut scene = Scene::new();
    let foreign = Credentials::new(b"another").issue("point-7", NOON + 3_600);
    scene.key = key_of(&foreign.username, REALM, &foreign.password);
    assert_eq!(scene.allocate(), "401");
}

#[test]
fn a_credential_that_was_changed_by_hand_opens_nothing() {
    let mut scene = Scene::new();
    scene.name = format!("{}:point-7", NOON + 360_000);
    assert_eq!(scene.allocate(), "401");
}

#[test]
fn guessing_ends_the_connection() {
    let mut scene = Scene::new();
    scene.key = [0; 16];
    for _ in 1..MAX_FAILURES {
        assert_eq!(scene.allocate(), "401");
    }
    assert_eq!(scene.allocate(), "unauthorized");
}

#[test]
fn meeting_outlasts_the_credential_it_was_entered_with() {
    let mut scene = Scene::allocated();
    for _ in 0..8 {
        scene.later(540);
        assert_eq!(scene.refresh(600), "success");
    }
    assert_eq!(scene.permit(MEDIA), "success");
}

#[test]
fn another_user_does_not_take_over_a_relay() {
    let mut scene = Scene::allocated();
    let other = scene.credentials.issue("point-8", NOON + 3_600);
    scene.key = key_of(&other.username, REALM, &other.password);
    scene.name = other.username;
    assert_eq!(scene.permit(MEDIA), "441");
    assert_eq!(scene.refresh(0), "441");
}

#[test]
fn no_other_address_is_reached_by_any_means() {
    let mut scene = Scene::allocated();
    assert_eq!(scene.permit(MEDIA), "success");
    for other in ["203.0.113.11:7000", "127.0.0.1:7000", "[2001:db8::1]:7000"] {
        assert_eq!(scene.permit(other), "403", "{other}");
    }
    for other in ["203.0.113.11:7000", "203.0.113.10:22", "192.0.2.2:7000"] {
        assert_eq!(scene.bind(0x4001, other), "403", "{other}");
        assert_eq!(scene.send(other), "nothing", "{other}");
    }
    assert_eq!(scene.on_channel(0x4001), "nothing");
}

#[test]
fn one_forbidden_address_spoils_the_whole_request() {
    let mut scene = Scene::allocated();
    let request = scene.signed(
        Writer::new(Class::Request, method::CREATE_PERMISSION, [3; 12])
            .put_address(attribute::XOR_PEER_ADDRESS, at(MEDIA))
            .put_address(attribute::XOR_PEER_ADDRESS, at("192.0.2.99:80")),
    );
    assert_eq!(scene.hand(&request), "403");
    assert_eq!(scene.send(MEDIA), "nothing", "nothing was permitted");
}

#[test]
fn strangers_do_not_reach_the_client() {
    let mut scene = Scene::allocated();
    assert_eq!(scene.bind(0x4000, MEDIA), "success");
    assert_eq!(scene.hears("192.0.2.99:7000"), None);
    assert_eq!(scene.hears("192.0.2.2:7001"), None);
}

#[test]
fn permissions_channels_and_relays_run_out() {
    let mut scene = Scene::allocated();
    assert_eq!(scene.bind(0x4000, MEDIA), "success");
    scene.later(300);
    assert_eq!(scene.hears(INSIDE), None, "the permission ran out");
    assert_eq!(scene.permit(MEDIA), "success");
    assert_eq!(scene.on_channel(0x4000), format!("hello to {INSIDE}"));
    scene.later(299);
    assert!(scene.client.deadline() > scene.now().at);
    scene.later(1);
    assert_eq!(scene.on_channel(0x4000), "nothing", "the channel ran out");
    assert!(scene.client.deadline() <= scene.now().at);
}

#[test]
fn a_released_relay_carries_nothing() {
    let mut scene = Scene::allocated();
    assert_eq!(scene.bind(0x4000, MEDIA), "success");
    assert_eq!(scene.refresh(0), "release, success");
    assert_eq!(scene.on_channel(0x4000), "nothing");
    assert_eq!(scene.hears(INSIDE), None);
    assert_eq!(scene.refresh(600), "437");
    assert_eq!(scene.allocate(), "success", "and another may follow");
}

#[test]
fn a_connection_has_one_relay() {
    let mut scene = Scene::allocated();
    assert_eq!(scene.allocate(), "437");
}

#[test]
fn channels_and_peers_belong_together() {
    let mut scene = Scene::allocated();
    assert_eq!(scene.bind(0x3fff, MEDIA), "400");
    assert_eq!(scene.bind(0x5000, MEDIA), "400");
    assert_eq!(scene.bind(0x4000, MEDIA), "success");
    assert_eq!(scene.bind(0x4000, MEDIA), "success", "that is a refresh");
    assert_eq!(scene.bind(0x4001, MEDIA), "400", "it has a number");
}

#[test]
fn what_is_not_understood_is_refused_by_name() {
    let mut scene = Scene::new();
    let tcp = scene.signed(
        Writer::new(Class::Request, method::ALLOCATE, [1; 12])
            .put(attribute::REQUESTED_TRANSPORT, &[6, 0, 0, 0]),
    );
    assert_eq!(scene.hand(&tcp), "442");
    let none = scene.signed(Writer::new(Class::Request, method::ALLOCATE, [1; 12]));
    assert_eq!(scene.hand(&none), "400");
    let family = scene.signed(
        Writer::new(Class::Request, method::ALLOCATE, [1; 12])
            .put(attribute::REQUESTED_TRANSPORT, &[UDP, 0, 0, 0])
            .put(attribute::REQUESTED_ADDRESS_FAMILY, &[9, 0, 0, 0]),
    );
    assert_eq!(scene.hand(&family), "440");
    let even_port = scene.signed(
        Writer::new(Class::Request, method::ALLOCATE, [1; 12])
            .put(attribute::REQUESTED_TRANSPORT, &[UDP, 0, 0, 0])
            .put(0x0018, &[0x80]),
    );
    assert_eq!(scene.hand(&even_port), "420");
    assert_eq!(scene.allocate(), "success");
    let connect = scene.signed(Writer::new(Class::Request, 0x00a, [1; 12]));
    assert_eq!(scene.hand(&connect), "400");
}

#[test]
fn shortages_are_told() {
    for (shortage, code) in [(Shortage::Quota, "486"), (Shortage::Capacity, "508")] {
        let mut scene = Scene::new();
        let bytes = scene.signed(
            Writer::new(Class::Request, method::ALLOCATE, [1; 12])
                .put(attribute::REQUESTED_TRANSPORT, &[UDP, 0, 0, 0]),
        );
        let now = scene.now();
        let step = scene
            .client
            .handle(now, &bytes, &scene.credentials, &Engine);
        let Ok(Step::Allocate(request)) = step else {
            panic!("{step:?}");
        };
        let reply = scene.client.allocated(now.at, request, Err(shortage));
        assert_eq!(verdict(&reply), code);
        assert_eq!(scene.refresh(600), "437");
    }
}

#[test]
fn a_connection_that_asks_for_nothing_is_over_soon() {
    let scene = Scene::new();
    assert_eq!(scene.client.deadline(), scene.begin + START_WITHIN);
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut scene = Scene::allocated();
        let now = scene.now();
        let _ = scene.client.handle(now, &bytes, &scene.credentials, &Engine);
    }

    #[test]
    fn spoilt_requests_never_panic(at_byte in 0_usize..120, to: u8, cut in 20_usize..160) {
        let mut scene = Scene::allocated();
        let mut bytes = scene.signed(
            Writer::new(Class::Request, method::CHANNEL_BIND, [4; 12])
                .put(attribute::CHANNEL_NUMBER, &[0x40, 0, 0, 0])
                .put_address(attribute::XOR_PEER_ADDRESS, at(MEDIA)),
        );
        if let Some(byte) = bytes.get_mut(at_byte) {
            *byte = to;
        }
        bytes.truncate(cut);
        let now = scene.now();
        let _ = scene.client.handle(now, &bytes, &scene.credentials, &Engine);
    }

    /// Whatever somebody with a credential asks, in whatever order, only the engine is ever sent anything.
    #[test]
    fn nothing_leaves_but_toward_the_engine(moves in proptest::collection::vec((0_u8..6, any::<u16>(), 0_u8..4), 1..60)) {
        let addresses = [MEDIA, "203.0.113.10:22", INSIDE, "198.51.100.9:7000"];
        let mut scene = Scene::allocated();
        for (action, number, peer) in moves {
            let peer = addresses[usize::from(peer)];
            let number = 0x4000 + number % 8;
            let outcome = match action {
                0 => scene.permit(peer),
                1 => scene.bind(number, peer),
                2 => scene.send(peer),
                3 => scene.on_channel(number),
                4 => scene.refresh(u32::from(number % 2) * 600),
                _ => scene.allocate(),
            };
            if let Some((_, to)) = outcome.split_once(" to ") {
                prop_assert_eq!(to, INSIDE);
            }
        }
    }
}
