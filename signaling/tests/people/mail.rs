//! Mail: letters go to a real SMTP server on this machine, which says what a test has it say.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use protocol::api::{
    AccountPage, Administration, LetterFailure, LetterState, Person, PersonAccount,
};
use protocol::{PersonId, UnitId};
use reqwest::{Method, Response, header};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use signaling::chores;
use signaling::org::people;
use signaling::platform::clock::day;
use signaling::platform::mail::{Cause, Mail, MailTls};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::{Browser, PASSWORD, Server, eventually, problem, stores};

const PASSED: &str = "thư đi thư về";
const NEW: &str = "hoa ban trắng 2027";

/// A mail server: STARTTLS and AUTH are demanded, and each recipient is answered by the next line of `script`, or taken.
struct Smtp {
    port: u16,
    authority: PathBuf,
    letters: Arc<Mutex<Vec<String>>>,
    script: Arc<Mutex<VecDeque<&'static str>>>,
    _folder: TempDir,
    _stop: DropGuard,
}

#[derive(Clone)]
struct Desk {
    letters: Arc<Mutex<Vec<String>>>,
    script: Arc<Mutex<VecDeque<&'static str>>>,
}

impl Smtp {
    async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let authority = folder.path().join("ca.pem");
        std::fs::write(&authority, made.cert.pem()).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let desk = Desk {
            letters: Arc::default(),
            script: Arc::default(),
        };
        let stop = CancellationToken::new();
        let (served, stopped) = (desk.clone(), stop.clone());
        tokio::spawn(stopped.run_until_cancelled_owned(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (desk, acceptor) = (served.clone(), acceptor.clone());
                tokio::spawn(async move {
                    let plain = BufStream::new(socket);
                    if let Ok(Some(plain)) = desk.talk(plain, false).await
                        && let Ok(sealed) = acceptor.accept(plain.into_inner()).await
                    {
                        drop(desk.talk(BufStream::new(sealed), true).await);
                    }
                });
            }
        }));
        Self {
            port,
            authority,
            letters: desk.letters,
            script: desk.script,
            _folder: folder,
            _stop: stop.drop_guard(),
        }
    }

    fn settings(&self) -> Mail {
        Mail {
            server: "127.0.0.1".to_owned(),
            port: self.port.into(),
            user: "diemcau".to_owned(),
            password: signaling::platform::oidc::Hidden::of(PASSED.to_owned()),
            from: "diemcau@so.example.vn".to_owned(),
            ca_file: Some(self.authority.clone()),
            ..Mail::default()
        }
    }

    fn says(&self, lines: &[&'static str]) {
        self.script.lock().unwrap().extend(lines);
    }

    fn letters(&self) -> Vec<Letter> {
        let raw = self.letters.lock().unwrap().clone();
        raw.iter().map(|raw| Letter::parse(raw)).collect()
    }
}

impl Desk {
    /// Talks to one client; gives the stream back when it is to be sealed.
    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: BufStream<S>,
        sealed: bool,
    ) -> std::io::Result<Option<BufStream<S>>> {
        let mut signed_in = false;
        if !sealed {
            say(&mut stream, "220 thu.so.example.vn ESMTP").await?;
        }
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let (verb, rest) = line
                .trim_end()
                .split_once(' ')
                .unwrap_or((line.trim_end(), ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" if sealed => say(&mut stream, "250-thu\r\n250 AUTH PLAIN").await?,
                "EHLO" => say(&mut stream, "250-thu\r\n250 STARTTLS").await?,
                "STARTTLS" if !sealed => {
                    say(&mut stream, "220 go on").await?;
                    return Ok(Some(stream));
                }
                "AUTH" if sealed => {
                    let shown = rest.strip_prefix("PLAIN ").unwrap_or_default();
                    signed_in = shown == STANDARD.encode(format!("\0diemcau\0{PASSED}"));
                    let said = if signed_in { "235 welcome" } else { "535 no" };
                    say(&mut stream, said).await?;
                }
                "RCPT" => {
                    let scripted = self.script.lock().unwrap().pop_front();
                    say(&mut stream, scripted.unwrap_or("250 ok")).await?;
                }
                "DATA" if signed_in => {
                    say(&mut stream, "354 go on").await?;
                    let mut letter = String::new();
                    loop {
                        line.clear();
                        stream.read_line(&mut line).await?;
                        if line == ".\r\n" {
                            break;
                        }
                        letter.push_str(line.strip_prefix('.').unwrap_or(&line));
                    }
                    self.letters.lock().unwrap().push(letter);
                    say(&mut stream, "250 taken").await?;
                }
                "MAIL" if !signed_in => say(&mut stream, "530 sign in first").await?,
                "QUIT" => {
                    say(&mut stream, "221 bye").await?;
                    return Ok(None);
                }
                _ => say(&mut stream, "250 ok").await?,
            }
        }
    }
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut BufStream<S>,
    line: &str,
) -> std::io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    stream.flush().await
}

/// A letter as whoever gets it reads it.
#[derive(Debug)]
struct Letter {
    headers: String,
    text: String,
}

impl Letter {
    fn parse(raw: &str) -> Self {
        let (headers, body) = raw.split_once("\r\n\r\n").unwrap();
        let headers = headers.replace("\r\n ", " ");
        let body = match headers.to_ascii_lowercase() {
            coded if coded.contains("transfer-encoding: base64") => {
                STANDARD.decode(body.replace("\r\n", "")).unwrap()
            }
            coded if coded.contains("transfer-encoding: quoted-printable") => unquoted(body),
            _ => body.as_bytes().to_vec(),
        };
        Self {
            text: String::from_utf8(body).unwrap().replace("\r\n", "\n"),
            headers,
        }
    }

    /// What stands after a word at the beginning of a line.
    fn after(&self, word: &str) -> &str {
        let mut lines = self.text.lines();
        lines.find_map(|line| line.strip_prefix(word)).unwrap()
    }

    fn link(&self) -> &str {
        let mut lines = self.text.lines();
        lines
            .find(|line| line.starts_with("https://") && line.contains('#'))
            .unwrap()
    }
}

fn unquoted(body: &str) -> Vec<u8> {
    let joined = body.replace("=\r\n", "");
    let mut bytes = joined.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'=' {
            out.push(byte);
            continue;
        }
        let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
        out.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
    }
    out
}

/// A server on every database whose mail goes by these settings.
async fn servers(mail: &Mail) -> Vec<Server> {
    let mut servers = Vec::new();
    for test in stores().await {
        test.store.close().await;
        let change = |config: &mut signaling::Config| {
            config.mail = mail.clone();
            config.jobs.poll_ms = 20;
        };
        servers.push(Server::start_in(test.folder, test.database, change).await);
    }
    servers
}

/// Somebody who works at a unit and has no account; `email` is typed on their page.
async fn hire(server: &Server, admin: &Browser, name: &str, unit: UnitId, email: &str) -> PersonId {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let person = people::insert(&mut tx, name, None, now).await.unwrap();
    people::appoint(&mut tx, person, unit, "Giáo viên", &day(now))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let told = write_to(admin, person, name, email).await;
    assert_eq!(told.status(), 200);
    person
}

async fn write_to(admin: &Browser, person: PersonId, name: &str, email: &str) -> Response {
    let path = format!("/api/v1/people/{person}");
    let is: Person = admin.read(&path).await;
    let body = json!({ "name": name, "code": is.code, "form_of_address": null, "email": email });
    let request = admin.request(Method::PUT, &path).json(&body);
    request
        .header(header::IF_MATCH, is.etag)
        .send()
        .await
        .unwrap()
}

async fn invite(admin: &Browser, people: &[PersonId], reset: bool) -> Response {
    let body = json!({ "people": people, "reset": reset });
    admin.post("/api/v1/accounts/invitations", &body).await
}

async fn find(admin: &Browser, name: &str) -> PersonAccount {
    let found: AccountPage = admin.read(&format!("/api/v1/accounts?q={name}")).await;
    let [one] = found.items.as_slice() else {
        panic!("{name}: {found:?}")
    };
    one.clone()
}

/// Waits until the letter to somebody stands so.
async fn until(admin: &Browser, name: &str, state: LetterState, failure: Option<LetterFailure>) {
    eventually("the letter stands so", async || {
        let letter = find(admin, name).await.letter.unwrap();
        letter.state == state && letter.failure == failure
    })
    .await;
}

async fn use_code(server: &Server, letter: &Letter) -> Response {
    let body = json!({
        "login": letter.after("Tài khoản: "), "code": letter.after("Mã đăng nhập một lần: "), "password": NEW,
    });
    server.stranger().post("/api/v1/sign-in/code", &body).await
}

#[tokio::test]
async fn invitation_brings_a_code_that_is_kept_nowhere_and_works_once() {
    let smtp = Smtp::start().await;
    for server in servers(&smtp.settings()).await {
        let admin = server.signed_in("chutri").await;
        let school = server.province.commune;
        let hoai = hire(
            &server,
            &admin,
            "Lò \"Hươu\", Văn",
            school,
            "hoai@so.example.vn",
        )
        .await;
        assert_eq!(invite(&admin, &[hoai, hoai], false).await.status(), 202);
        until(&admin, "hươu", LetterState::Sent, None).await;
        let letters = smtp.letters();
        let letter = letters.last().unwrap();
        assert!(
            letter.headers.contains("<hoai@so.example.vn>"),
            "{}",
            letter.headers
        );
        assert!(
            letter.headers.contains("<diemcau@so.example.vn>"),
            "{}",
            letter.headers
        );
        assert!(
            letter.headers.contains("Subject: =?utf-8?"),
            "{}",
            letter.headers
        );
        assert!(
            letter.text.starts_with("Kính gửi Lò \"Hươu\", Văn,\n"),
            "{}",
            letter.text
        );
        let code = letter.after("Mã đăng nhập một lần: ");
        let login = letter.after("Tài khoản: ");
        // Whoever looks at the link spends nothing, and tells the server nothing of the code.
        let url = reqwest::Url::parse(letter.link()).unwrap();
        let plus = code.replace(' ', "+");
        assert_eq!(
            url.fragment(),
            Some(format!("login={login}&code={plus}").as_str())
        );
        for method in [Method::HEAD, Method::GET, Method::GET] {
            let looked = server
                .stranger()
                .request(method, url.path())
                .send()
                .await
                .unwrap();
            assert_eq!(looked.status(), 200);
        }
        let (first, second) = code.split_once(' ').unwrap();
        for (table, column) in [
            ("job", "payload"),
            ("job", "failure"),
            ("audit_log", "after"),
            ("audit_log", "before"),
        ] {
            let holds = format!(
                "SELECT COUNT(*) FROM {table} WHERE \"{column}\" LIKE '%{first}%' OR \"{column}\" LIKE '%{second}%'
                    OR \"{column}\" LIKE '%hoai@%'"
            );
            assert_eq!(server.count(&holds).await, 0, "{table}.{column}");
        }
        assert_eq!(use_code(&server, letter).await.status(), 200);
        problem(use_code(&server, letter).await, 401).await;
        // Once for each who is named, however often.
        let sent = "SELECT COUNT(*) FROM job WHERE kind = 'invite'";
        assert_eq!(server.count(sent).await, 1);
    }
}

#[tokio::test]
async fn letter_is_tried_again_when_the_server_says_later_and_given_up_when_it_says_never() {
    let smtp = Smtp::start().await;
    for server in servers(&smtp.settings()).await {
        let admin = server.signed_in("chutri").await;
        let unit = server.province.commune;
        let later = hire(&server, &admin, "Hà Văn Khăm", unit, "kham@so.example.vn").await;
        smtp.says(&["451 4.7.1 greylisted, kham@so.example.vn"]);
        assert_eq!(invite(&admin, &[later], false).await.status(), 202);
        until(&admin, "khăm", LetterState::Sent, None).await;
        let letters = smtp.letters();
        assert_eq!(
            use_code(&server, letters.last().unwrap()).await.status(),
            200
        );

        // Whoever has a password keeps it when the letter that would take it away does not go out.
        let login = letters.last().unwrap().after("Tài khoản: ").to_owned();
        problem(invite(&admin, &[later], false).await, 409).await;
        smtp.says(&["550 5.1.1 no such user kham@so.example.vn"]);
        assert_eq!(invite(&admin, &[later], true).await.status(), 202);
        until(
            &admin,
            "khăm",
            LetterState::Failed,
            Some(LetterFailure::Refused),
        )
        .await;
        assert_eq!(smtp.letters().len(), letters.len(), "nothing was sent");
        let signed_in = server.stranger().sign_in(&login, NEW).await;
        assert_eq!(signed_in.status(), 200);
        let noted = "SELECT COUNT(*) FROM audit_log WHERE action = 'invitation_failed' AND actor = 'system'";
        assert_eq!(server.count(noted).await, 1);
        let told = "SELECT COUNT(*) FROM job WHERE failure LIKE '%kham@%'";
        assert_eq!(server.count(told).await, 0, "an address stays in no job");

        assert_eq!(invite(&admin, &[later], true).await.status(), 202);
        until(&admin, "khăm", LetterState::Sent, None).await;
        problem(server.stranger().sign_in(&login, NEW).await, 401).await;
    }
}

#[tokio::test]
async fn letter_waits_while_the_mail_server_is_down_or_silent_or_unknown() {
    let smtp = Smtp::start().await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    let down = Mail {
        port: port.into(),
        ..smtp.settings()
    };
    let unknown = Mail {
        ca_file: None,
        ..smtp.settings()
    };
    let stranger = Mail {
        user: "ai-do".to_owned(),
        ..smtp.settings()
    };
    for (mail, cause, failure) in [
        (down, Cause::Unreachable, LetterFailure::Unreachable),
        (unknown, Cause::NotSecure, LetterFailure::NotSecure),
        (stranger, Cause::NotSignedIn, LetterFailure::NotSignedIn),
    ] {
        let found = chores::examine_mail(&mail, "https://hop.example.vn")
            .await
            .unwrap();
        assert_eq!(found.map(|not| not.cause), Some(cause));
        for server in servers(&mail).await {
            let admin = server.signed_in("chutri").await;
            let unit = server.province.commune;
            let person = hire(&server, &admin, "Hà Văn Khăm", unit, "kham@so.example.vn").await;
            assert_eq!(invite(&admin, &[person], false).await.status(), 202);
            until(&admin, "khăm", LetterState::Queued, Some(failure)).await;
        }
    }
    assert!(smtp.letters().is_empty());
    let good = chores::examine_mail(&smtp.settings(), "https://hop.example.vn")
        .await
        .unwrap();
    assert!(good.is_none(), "{good:?}");
    chores::send_test_mail(
        &smtp.settings(),
        "https://hop.example.vn",
        "a@so.example.vn",
    )
    .await
    .unwrap();
    assert!(smtp.letters()[0].text.contains("https://hop.example.vn"));

    // A server that takes the call and says nothing: whoever asks does not wait, and other work goes on.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mail = Mail {
        port: silent.local_addr().unwrap().port().into(),
        tls: MailTls::Starttls,
        ..smtp.settings()
    };
    for server in servers(&mail).await {
        let admin = server.signed_in("chutri").await;
        let unit = server.province.commune;
        let person = hire(&server, &admin, "Hà Văn Khăm", unit, "kham@so.example.vn").await;
        let within = Duration::from_secs(10);
        let asked = tokio::time::timeout(within, invite(&admin, &[person], false)).await;
        assert_eq!(asked.unwrap().status(), 202);
        let (mut held, _) = silent.accept().await.unwrap();
        let path = format!("/api/v1/people/{person}/erasure");
        let body = json!({ "typed": "Hà Văn Khăm" });
        let erased = admin.post(&path, &body).await;
        assert!(erased.status().is_success(), "{:?}", erased.text().await);
        eventually("other work goes on beside the silent server", async || {
            let done = "SELECT COUNT(*) FROM job WHERE kind = 'erase_person' AND state = 'done'";
            server.count(done).await == 1
        })
        .await;
        let letters = "SELECT COUNT(*) FROM account_letter";
        assert_eq!(
            server.count(letters).await,
            0,
            "and the letter is forgotten with the person"
        );
        let addresses = "SELECT COUNT(*) FROM person WHERE email IS NOT NULL";
        assert_eq!(server.count(addresses).await, 0);
        held.shutdown().await.unwrap();
    }
}

#[tokio::test]
async fn without_mail_or_without_an_address_nothing_is_queued_and_codes_are_printed() {
    let smtp = Smtp::start().await;
    for (mail, code) in [
        (Mail::default(), "mail_off"),
        (smtp.settings(), "no_address"),
    ] {
        for server in servers(&mail).await {
            let admin = server.signed_in("chutri").await;
            let told: Administration = admin.read("/api/v1/accounts/administration").await;
            assert_eq!(told.mail, mail.is_on());
            let unit = server.province.commune;
            let email = if mail.is_on() {
                " "
            } else {
                "kham@so.example.vn"
            };
            let person = hire(&server, &admin, "Hà Văn Khăm", unit, email).await;
            assert_eq!(find(&admin, "khăm").await.has_address, !mail.is_on());
            let refused = problem(invite(&admin, &[person], false).await, 409).await;
            assert_eq!(json!(refused.code), Value::from(code));
            assert_eq!(find(&admin, "khăm").await.account, None, "all or nothing");
            let jobs = "SELECT COUNT(*) FROM job WHERE kind = 'invite'";
            assert_eq!(server.count(jobs).await, 0);
            let body = json!({ "people": [person], "reset": false });
            let printed = admin.post("/api/v1/accounts/codes", &body).await;
            assert_eq!(printed.status(), 200);
            let bad = write_to(&admin, person, "Hà Văn Khăm", "a@b.vn, c@d.vn").await;
            assert_eq!(
                json!(problem(bad, 400).await.code),
                Value::from("bad_email")
            );
            // Letters reach somebody; nobody signs in by an address.
            let by_address = server
                .stranger()
                .sign_in("kham@so.example.vn", PASSWORD)
                .await;
            problem(by_address, 401).await;
        }
    }
}
