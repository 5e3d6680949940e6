//! How often somebody may try.
//!
//! What is counted is failure: a valid secret is never refused because of what others at the same address tried. Each
//! purpose has a budget of its own, so that a flood of bad links locks nobody out of signing in.
//!
//! | Budget | Of what | Beyond it |
//! |---|---|---|
//! | login at a network | wrong passwords | refused |
//! | network | wrong passwords, of any login | refused |
//! | login | wrong codes of a second factor, from anywhere; their password was right | refused |
//! | login | wrong passwords, from anywhere | slowed down; who signed in from that network before is not |
//! | network | links and tokens that nobody made | refused |
//! | network | leaving for the provider of sign-ins without coming back signed in | refused |
//! | network | guests that come anew by links for anybody: each is a row, and a participant | refused |
//! | key of another system | requests | refused |

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use protocol::ApiKeyId;
use protocol::api::ProblemCode;
use signaling_core::Mono;

use crate::Clock;
use crate::access::accounts;
use crate::platform::config::SignIn;
use crate::platform::error::{ApiError, ApiResult};

/// The longest login that is told from others.
const MAX_LOGIN_CHARS: usize = 64;

/// The most keys that a table holds; beyond it, what would be forgotten soonest is forgotten at once.
const MAX_KEYS: usize = 100_000;

/// Wrong passwords of one login, from anywhere, before it is slowed down, and how fast they are forgotten.
const FREE_GUESSES: u32 = 20;
const GUESS_FORGOTTEN_AFTER: Duration = Duration::from_secs(30);

/// Wrong codes of a second factor of one login, from anywhere, before more are refused, and how fast they are forgotten: 480 a
/// day, each of which is right once in some 300,000. A recovery code is not among them, so that its owner still gets in.
const FREE_CODES: u32 = 20;
const CODE_FORGOTTEN_AFTER: Duration = Duration::from_secs(180);

/// How long a slowed-down attempt waits at most; one that would wait longer is refused.
const LONGEST_WAIT: Duration = Duration::from_secs(8);

/// The least time between two slowed-down attempts at one login.
const SLOW_PACE: Duration = Duration::from_secs(2);

/// How long a network counts as one that somebody signs in from, after they did.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 86_400);

/// Requests that a key may make in a minute, all at once or spread: a system that reads a province page by page has enough,
/// and one that went mad leaves the server to people.
const KEY_REQUESTS: u32 = 600;

/// An address as networks give them out: an IPv4 address, or the /64 of an IPv6 address, which one subscriber has whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address. An IPv4 address that came over an IPv6 socket is an IPv4 address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => Self(prefix(address, 64)),
        }
    }

    /// What a larger customer has: the /48 of an IPv6 address. None for IPv4.
    fn site(self) -> Option<Self> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Self(prefix(address, 48))),
        }
    }
}

fn prefix(address: Ipv6Addr, bits: u32) -> IpAddr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - bits))).into()
}

/// How much is allowed: so much at once, and one more every so often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    at_once: u32,
    every: Duration,
}

impl Allowance {
    pub(crate) fn per_minute(count: u32) -> Self {
        let count = count.max(1);
        Self {
            at_once: count,
            every: Duration::from_secs(60) / count,
        }
    }
}

/// A bucket for each key, full at first.
#[derive(Debug)]
pub(crate) struct Budgets<K> {
    allowance: Allowance,
    /// When each bucket will be full again.
    full_at: HashMap<K, Mono>,
}

impl<K: Eq + Hash + Copy> Budgets<K> {
    pub(crate) fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            full_at: HashMap::new(),
        }
    }

    /// How long until one more is allowed; nothing when it is.
    pub(crate) fn wait(&self, key: K, now: Mono) -> Duration {
        let Allowance { at_once, every } = self.allowance;
        let full_at = self.full_at.get(&key).copied().unwrap_or(now).max(now);
        full_at.plus(every).since(now.plus(every * at_once))
    }

    pub(crate) fn spend(&mut self, key: K, now: Mono) {
        let full_at = self.full_at.get(&key).copied().unwrap_or(now).max(now);
        let full_at = full_at.plus(self.allowance.every);
        note_until(&mut self.full_at, key, full_at, now);
    }

    /// Takes back what was spent.
    fn give_back(&mut self, key: K) {
        let every = i64::try_from(self.allowance.every.as_micros()).unwrap_or(i64::MAX);
        if let Some(full_at) = self.full_at.get_mut(&key) {
            *full_at = Mono(full_at.0.saturating_sub(every));
        }
    }

    /// Forgets buckets that are as good as new, and, if there are still too many, those that will be soonest.
    pub(crate) fn forget_full(&mut self, now: Mono) {
        forget_past(&mut self.full_at, now);
    }
}

/// Forgets what is over, and, if there is still too much, the half that will be soonest.
fn forget_past<K: Eq + Hash>(until: &mut HashMap<K, Mono>, now: Mono) {
    until.retain(|_, end| *end > now);
    if until.len() > MAX_KEYS {
        let mut ends: Vec<Mono> = until.values().copied().collect();
        ends.sort_unstable();
        let middle = ends[ends.len() / 2];
        until.retain(|_, end| *end > middle);
    }
}

/// Notes until when something counts; beyond [`MAX_KEYS`], makes room first.
fn note_until<K: Eq + Hash>(until: &mut HashMap<K, Mono>, key: K, end: Mono, now: Mono) {
    until.insert(key, end);
    if until.len() > MAX_KEYS {
        forget_past(until, now);
    }
}

/// A budget for each network, and one for the site it belongs to: a site has many networks, and an attacker who has one
/// has all of them.
#[derive(Debug)]
struct OfNetworks {
    networks: Budgets<Network>,
    sites: Budgets<Network>,
}

impl OfNetworks {
    fn new(settings: &SignIn) -> Self {
        let per_minute = settings.attempts_per_minute_per_address;
        Self {
            networks: Budgets::new(Allowance::per_minute(per_minute)),
            sites: Budgets::new(Allowance::per_minute(per_minute.saturating_mul(4))),
        }
    }

    /// How long until one more is allowed there; nothing when it is.
    fn wait(&self, network: Network, now: Mono) -> Duration {
        let of_site = network.site().map(|site| self.sites.wait(site, now));
        self.networks
            .wait(network, now)
            .max(of_site.unwrap_or_default())
    }

    fn spend(&mut self, network: Network, now: Mono) {
        self.networks.spend(network, now);
        if let Some(site) = network.site() {
            self.sites.spend(site, now);
        }
    }

    /// Takes back what was spent.
    fn give_back(&mut self, network: Network) {
        self.networks.give_back(network);
        if let Some(site) = network.site() {
            self.sites.give_back(site);
        }
    }

    /// Spends one; more than there is, too.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` when it was more than there is.
    fn charge(&mut self, network: Network, now: Mono) -> ApiResult<()> {
        let wait = self.wait(network, now);
        self.spend(network, now);
        if wait.is_zero() {
            Ok(())
        } else {
            Err(too_many(wait))
        }
    }

    fn forget_full(&mut self, now: Mono) {
        self.networks.forget_full(now);
        self.sites.forget_full(now);
    }
}

/// A login as it is told from others: by a digest, so that long ones fill no table.
type LoginKey = u64;

#[derive(Debug)]
struct Tables {
    guesses_at_network: Budgets<(LoginKey, Network)>,
    guesses_of_network: OfNetworks,
    guesses_of_login: Budgets<LoginKey>,
    codes_of_login: Budgets<LoginKey>,
    /// When the next slowed-down attempt at a login may be.
    slow: HashMap<LoginKey, Mono>,
    /// From where which login was signed in with, and until when that counts.
    known: HashMap<(LoginKey, Network), Mono>,
    secrets_of_network: OfNetworks,
    guests_of_network: OfNetworks,
    departures_of_network: OfNetworks,
    requests_of_key: Budgets<ApiKeyId>,
    hasher: std::hash::RandomState,
}

/// How often somebody may try to sign in or to show a secret. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SignInLimits {
    tables: Arc<Mutex<Tables>>,
    clock: Clock,
}

/// Somebody about to try a password.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub(super) login: LoginKey,
    pub(super) network: Network,
    /// Whether the login was signed in with from that network before.
    pub(super) at_home: bool,
}

impl SignInLimits {
    /// Limits as configured.
    #[must_use]
    pub fn new(settings: &SignIn, clock: Clock) -> Self {
        let at_network = Allowance::per_minute(settings.attempts_per_minute);
        Self {
            tables: Arc::new(Mutex::new(Tables {
                guesses_at_network: Budgets::new(at_network),
                guesses_of_network: OfNetworks::new(settings),
                guesses_of_login: Budgets::new(Allowance {
                    at_once: FREE_GUESSES,
                    every: GUESS_FORGOTTEN_AFTER,
                }),
                codes_of_login: Budgets::new(Allowance {
                    at_once: FREE_CODES,
                    every: CODE_FORGOTTEN_AFTER,
                }),
                slow: HashMap::new(),
                known: HashMap::new(),
                secrets_of_network: OfNetworks::new(settings),
                guests_of_network: OfNetworks::new(settings),
                departures_of_network: OfNetworks::new(settings),
                requests_of_key: Budgets::new(Allowance::per_minute(KEY_REQUESTS)),
                hasher: std::hash::RandomState::new(),
            })),
            clock,
        }
    }

    /// Somebody is about to try a password: how long they have to wait first.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` when too many failed there, or the wait would be too long.
    pub fn before_password(&self, login: &str, address: IpAddr) -> ApiResult<(Attempt, Duration)> {
        let now = self.clock.mono();
        let mut tables = self.tables();
        let (login, network) = (tables.key(login), Network::of(address));
        let wait = tables
            .guesses_at_network
            .wait((login, network), now)
            .max(tables.guesses_of_network.wait(network, now));
        if !wait.is_zero() {
            return Err(too_many(wait));
        }
        let known = tables.known.get(&(login, network));
        let at_home = known.is_some_and(|until| *until > now);
        let mut wait = Duration::ZERO;
        if !at_home && !tables.guesses_of_login.wait(login, now).is_zero() {
            wait = tables.slow_down(login, now)?;
        }
        // Charged before it is looked at: a volley of guesses is in flight before the first of them is known to be wrong.
        tables.guesses_at_network.spend((login, network), now);
        tables.guesses_of_login.spend(login, now);
        let attempt = Attempt {
            login,
            network,
            at_home,
        };
        Ok((attempt, wait))
    }

    /// The password was wrong, or there is no such login.
    pub fn password_was_wrong(&self, attempt: Attempt) {
        let now = self.clock.mono();
        self.tables().guesses_of_network.spend(attempt.network, now);
    }

    /// The password was not looked at.
    pub fn password_was_not_tried(&self, attempt: Attempt) {
        let mut tables = self.tables();
        let Attempt { login, network, .. } = attempt;
        tables.guesses_at_network.give_back((login, network));
        tables.guesses_of_login.give_back(login);
    }

    /// The password was right: the login is at home in that network for a while.
    pub fn password_was_right(&self, attempt: Attempt) {
        let now = self.clock.mono();
        let key = (attempt.login, attempt.network);
        self.password_was_not_tried(attempt);
        note_until(&mut self.tables().known, key, now.plus(KNOWN_FOR), now);
    }

    /// A key asks for something.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` when it asks too often. What is refused costs nothing.
    pub fn key_is_used(&self, key: ApiKeyId) -> ApiResult<()> {
        let now = self.clock.mono();
        let requests = &mut self.tables().requests_of_key;
        let wait = requests.wait(key, now);
        if !wait.is_zero() {
            return Err(too_many(wait));
        }
        requests.spend(key, now);
        Ok(())
    }

    /// Somebody is about to try the digits of a second factor: how long they have to wait first. Wrong ones are told to
    /// [`Self::password_was_wrong`].
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` as for a password, and when too many digits of the login were wrong.
    pub fn before_second_code(
        &self,
        login: &str,
        address: IpAddr,
    ) -> ApiResult<(Attempt, Duration)> {
        let now = self.clock.mono();
        let key = {
            let mut tables = self.tables();
            let key = tables.key(login);
            let wait = tables.codes_of_login.wait(key, now);
            if !wait.is_zero() {
                return Err(too_many(wait));
            }
            // Charged before it is looked at, as passwords are.
            tables.codes_of_login.spend(key, now);
            key
        };
        self.before_password(login, address).inspect_err(|_| {
            self.tables().codes_of_login.give_back(key);
        })
    }

    /// The digits were right.
    pub fn second_code_was_right(&self, attempt: Attempt) {
        self.tables().codes_of_login.give_back(attempt.login);
        self.password_was_right(attempt);
    }

    /// Somebody showed a link or token that nobody made.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` when too many of them were shown there.
    pub fn secret_was_wrong(&self, address: IpAddr) -> ApiResult<()> {
        let now = self.clock.mono();
        let network = Network::of(address);
        self.tables().secrets_of_network.charge(network, now)
    }

    /// A guest comes by a link for anybody who did not come by it before, as far as their browser tells.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` when too many came so from there.
    pub fn guest_is_new(&self, address: IpAddr) -> ApiResult<()> {
        let now = self.clock.mono();
        let network = Network::of(address);
        self.tables().guests_of_network.charge(network, now)
    }

    /// Somebody leaves for the provider of sign-ins.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` when too many left from there and did not come back.
    pub(super) fn leaves(&self, address: IpAddr) -> ApiResult<()> {
        let now = self.clock.mono();
        let network = Network::of(address);
        self.tables().departures_of_network.charge(network, now)
    }

    /// Somebody came back from there, and is known.
    pub(super) fn came_back(&self, address: IpAddr) {
        let network = Network::of(address);
        self.tables().departures_of_network.give_back(network);
    }

    /// Forgets keys that are as good as new; called from time to time so that the tables do not grow for ever.
    pub fn forget_idle(&self) {
        let now = self.clock.mono();
        let mut tables = self.tables();
        tables.guesses_at_network.forget_full(now);
        tables.guesses_of_network.forget_full(now);
        tables.guesses_of_login.forget_full(now);
        tables.codes_of_login.forget_full(now);
        tables.secrets_of_network.forget_full(now);
        tables.guests_of_network.forget_full(now);
        tables.departures_of_network.forget_full(now);
        tables.requests_of_key.forget_full(now);
        forget_past(&mut tables.slow, now);
        forget_past(&mut tables.known, now);
    }

    fn tables(&self) -> std::sync::MutexGuard<'_, Tables> {
        // Nothing between taking and giving back panics half-way.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// How long a slowed-down attempt at a login waits for its turn.
    ///
    /// # Errors
    /// 429 `rate_limited` with `Retry-After` when that would be too long.
    fn slow_down(&mut self, login: LoginKey, now: Mono) -> ApiResult<Duration> {
        let turn = self.slow.get(&login).copied().unwrap_or(now).max(now);
        let wait = turn.since(now);
        if wait > LONGEST_WAIT {
            return Err(too_many(wait));
        }
        note_until(&mut self.slow, login, turn.plus(SLOW_PACE), now);
        Ok(wait)
    }

    fn key(&self, login: &str) -> LoginKey {
        use std::hash::BuildHasher as _;

        let login = accounts::normalise_login(login);
        let login: String = login.chars().take(MAX_LOGIN_CHARS).collect();
        self.hasher.hash_one(login)
    }
}

/// 429: so long until one more is allowed.
pub(crate) fn too_many(wait: Duration) -> ApiError {
    let seconds = wait.as_secs() + 1;
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        ProblemCode::RateLimited,
        "too many attempts; wait a moment",
    )
    .with("seconds", seconds)
    .retry_after(seconds)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use protocol::UtcMicros;

    use super::*;

    /// Limits on a clock of their own.
    struct Stand {
        limits: SignInLimits,
        seconds: Arc<AtomicI64>,
    }

    impl Stand {
        fn new() -> Self {
            let seconds = Arc::new(AtomicI64::new(0));
            let reads = Arc::clone(&seconds);
            let clock = Clock::of(
                || UtcMicros(0),
                move || Mono(reads.load(Ordering::SeqCst) * 1_000_000),
            );
            Self {
                limits: SignInLimits::new(&SignIn::default(), clock),
                seconds,
            }
        }

        fn pass(&self, seconds: i64) {
            self.seconds.fetch_add(seconds, Ordering::SeqCst);
        }

        /// Tries a password; what happened: how long it waited, or that it was refused.
        fn tries(
            &self,
            login: &str,
            address: IpAddr,
            right: bool,
        ) -> Result<Duration, ProblemCode> {
            let (attempt, wait) = self
                .limits
                .before_password(login, address)
                .map_err(|refusal| refusal.code)?;
            if right {
                self.limits.password_was_right(attempt);
            } else {
                self.limits.password_was_wrong(attempt);
            }
            Ok(wait)
        }
    }

    const SCHOOL: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 3));

    fn attacker(number: u32) -> IpAddr {
        std::net::Ipv4Addr::from_bits(0xCB00_0000 + number).into()
    }

    #[test]
    fn guesses_at_one_login_are_refused_before_the_school_it_sits_in() {
        let stand = Stand::new();
        for _ in 0..SignIn::default().attempts_per_minute {
            stand.tries("ha.le", SCHOOL, false).unwrap();
        }
        assert_eq!(
            stand.tries("Ha.Le ", SCHOOL, true),
            Err(ProblemCode::RateLimited)
        );
        stand.tries("minh.tran", SCHOOL, true).unwrap();
        stand.pass(60);
        stand.tries("ha.le", SCHOOL, true).unwrap();
    }

    #[test]
    fn storm_of_right_passwords_from_one_school_is_never_refused() {
        let stand = Stand::new();
        for number in 0..2_000 {
            let login = format!("giaovien{number}");
            assert_eq!(stand.tries(&login, SCHOOL, true), Ok(Duration::ZERO));
        }
    }

    #[test]
    fn volley_of_guesses_is_bounded_although_none_of_them_is_known_to_be_wrong_yet() {
        let stand = Stand::new();
        let settings = SignIn::default();
        let volley = |addresses: &mut dyn Iterator<Item = IpAddr>| -> Vec<Attempt> {
            addresses
                .filter_map(|address| stand.limits.before_password("ha.le", address).ok())
                .map(|(attempt, _)| attempt)
                .collect()
        };
        let at_school = volley(&mut std::iter::repeat_n(SCHOOL, 500));
        assert_eq!(at_school.len(), settings.attempts_per_minute as usize);
        let from_everywhere = volley(&mut (0..500).map(attacker));
        let most = FREE_GUESSES as usize + 5;
        assert!(
            from_everywhere.len() <= most - at_school.len(),
            "{}",
            from_everywhere.len()
        );
        // Those that were right, or not looked at, cost nothing.
        for attempt in at_school.into_iter().chain(from_everywhere) {
            stand.limits.password_was_not_tried(attempt);
        }
        assert_eq!(
            stand.tries("ha.le", attacker(9_000), true),
            Ok(Duration::ZERO)
        );
    }

    #[test]
    fn digits_of_a_second_factor_are_guessed_some_hundred_times_a_day_from_anywhere_and_passwords_go_on()
     {
        let stand = Stand::new();
        let guess = |from: u32| -> bool {
            let tried = stand.limits.before_second_code("ha.le", attacker(from));
            tried
                .inspect(|(attempt, _)| stand.limits.password_was_wrong(*attempt))
                .is_ok()
        };
        let mut guessed = 0;
        for minute in 0..24 * 60_u32 {
            guessed += (0..20).filter(|number| guess(minute * 20 + number)).count();
            stand.pass(60);
        }
        assert!((400..=500).contains(&guessed), "{guessed}");
        stand.pass(60);
        // Right ones cost nothing, however many.
        stand.pass(3_600);
        for _ in 0..50 {
            let (attempt, _) = stand.limits.before_second_code("ha.le", SCHOOL).unwrap();
            stand.limits.second_code_was_right(attempt);
        }
        stand.tries("ha.le", SCHOOL, true).unwrap();
    }

    #[test]
    fn flood_of_bad_links_refuses_itself_and_nobody_who_signs_in() {
        let stand = Stand::new();
        let refused = (0..400)
            .filter(|_| stand.limits.secret_was_wrong(SCHOOL).is_err())
            .count();
        assert!(refused >= 100, "{refused}");
        assert_eq!(stand.tries("ha.le", SCHOOL, true), Ok(Duration::ZERO));
    }

    #[test]
    fn login_that_is_guessed_from_everywhere_is_slowed_down_and_its_owner_is_not() {
        let stand = Stand::new();
        stand.tries("ha.le", SCHOOL, true).unwrap();
        let (mut guessed, mut refused) = (0, 0);
        for number in 0..1_000 {
            match stand.tries("ha.le", attacker(number), false) {
                Ok(_) => guessed += 1,
                Err(_) => refused += 1,
            }
        }
        assert!(guessed < 30, "{guessed} guesses at once, {refused} refused");
        assert_eq!(
            stand.tries("ha.le", SCHOOL, true),
            Ok(Duration::ZERO),
            "at home"
        );
        let mut guessed_in_an_hour = 0;
        for minute in 0..60_u32 {
            stand.pass(60);
            let from = |number| attacker(10_000 + minute * 1_000 + number);
            guessed_in_an_hour += (0..1_000)
                .filter(|number| stand.tries("ha.le", from(*number), false).is_ok())
                .count();
        }
        assert!(guessed_in_an_hour < 600, "{guessed_in_an_hour}");
        stand.pass(60);
        let elsewhere = attacker(9_999_999);
        assert!(
            stand.tries("ha.le", elsewhere, true).is_ok(),
            "slowed down, not locked out"
        );
    }

    #[test]
    fn one_subscriber_of_ipv6_has_one_budget_however_many_addresses_and_a_site_four() {
        let stand = Stand::new();
        let address = |net: u16, host: u64| -> IpAddr {
            let bits = (0x2001_0db8_0001_u128 << 80) | (u128::from(net) << 64) | u128::from(host);
            Ipv6Addr::from_bits(bits).into()
        };
        let refused = |addresses: &mut dyn Iterator<Item = IpAddr>| {
            addresses
                .filter(|address| stand.limits.secret_was_wrong(*address).is_err())
                .count()
        };
        let budget = SignIn::default().attempts_per_minute_per_address as usize;
        let one_subscriber = refused(&mut (0..1_000).map(|host| address(0, host)));
        assert_eq!(one_subscriber, 1_000 - budget);
        let site = refused(&mut (1..2_000).map(|net| address(net, 1)));
        assert!(site >= 1_999 - 3 * budget, "{site}");
        let mapped: IpAddr = "::ffff:10.1.2.3".parse().unwrap();
        assert_eq!(Network::of(mapped), Network::of(SCHOOL));
    }

    #[test]
    fn tables_stay_small_whatever_is_tried() {
        let stand = Stand::new();
        let many = 2 * u32::try_from(MAX_KEYS).unwrap() + 1;
        let subscriber = |number: u32| -> IpAddr {
            let bits = (0x2001_u128 << 112) | (u128::from(number) << 80);
            Ipv6Addr::from_bits(bits).into()
        };
        for number in 0..many {
            let (login, from) = (format!("{number}"), subscriber(number));
            let attempt = Attempt {
                login: u64::from(number),
                network: Network::of(from),
                at_home: false,
            };
            stand.limits.password_was_right(attempt);
            let _ = stand.tries(&login, from, false);
            let _ = stand.limits.before_second_code(&login, from);
            let _ = stand.limits.secret_was_wrong(from);
            let _ = stand.limits.guest_is_new(from);
        }
        for number in 0..many {
            let mut tables = stand.limits.tables();
            let (login, now) = (u64::from(number), Mono(0));
            tables.slow_down(login, now).unwrap();
        }
        let tables = stand.limits.tables();
        let of = |table: &OfNetworks| [table.networks.full_at.len(), table.sites.full_at.len()];
        let sizes = [
            of(&tables.guesses_of_network),
            of(&tables.secrets_of_network),
            of(&tables.guests_of_network),
            [
                tables.guesses_at_network.full_at.len(),
                tables.guesses_of_login.full_at.len(),
            ],
            [tables.slow.len(), tables.known.len()],
            [tables.codes_of_login.full_at.len(); 2],
        ];
        let all = sizes.as_flattened();
        assert!(
            all.iter().all(|size| (1..=MAX_KEYS).contains(size)),
            "{sizes:?}"
        );
    }
}
