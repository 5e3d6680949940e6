//! The examples of the page for other systems, run as they stand there.

use protocol::api::Session;
use reqwest::Method;
use serde_json::json;

use crate::keys::{SCOPES, key};
use crate::support::{Browser, HOUR_US, Server};

const PAGE: &str = include_str!("../../../docs/api.md");

/// A call of `curl`, as far as the page uses it.
#[derive(Debug, Default)]
struct Call {
    method: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    address: String,
}

impl Call {
    fn of(words: &[String]) -> Self {
        let mut call = Self::default();
        let mut words = words.iter().skip(1);
        while let Some(word) = words.next() {
            match word.as_str() {
                "-i" => {}
                "-X" => call.method = words.next().cloned(),
                "-d" => call.body = words.next().cloned(),
                "-H" => {
                    let (name, value) = words.next().unwrap().split_once(": ").unwrap();
                    call.headers.push((name.to_lowercase(), value.to_owned()));
                }
                address => address.clone_into(&mut call.address),
            }
        }
        call
    }

    fn method(&self) -> Method {
        match (&self.method, &self.body) {
            (Some(method), _) => method.parse().unwrap(),
            (None, Some(_)) => Method::POST,
            (None, None) => Method::GET,
        }
    }
}

/// The words of a line as a shell splits them, with the variables of the page.
fn words(line: &str, variables: &[(&str, String)]) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in line.chars() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, ' ') => words.push(String::new()),
            (Some('\''), '$') => words.last_mut().unwrap().push('\u{1}'),
            _ => words.last_mut().unwrap().push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        for (name, value) in variables {
            *word = word.replace(&format!("${name}"), value);
        }
    }
    words
}

/// The lines of the page's shell, continued ones joined.
fn calls() -> Vec<String> {
    let mut shell = false;
    let mut lines = Vec::new();
    for line in PAGE.lines() {
        match line {
            "```sh" => shell = true,
            "```" => shell = false,
            line if shell => lines.push(line),
            _ => {}
        }
    }
    let text = lines.join("\n").replace("\\\n", " ");
    let calls = text.lines().filter(|line| line.starts_with("curl "));
    calls.map(str::to_owned).collect()
}

#[tokio::test]
async fn examples_of_the_page_do_what_they_say() {
    let server = Server::start().await;
    let chair = server.signed_in("chutri").await;
    let (made, _) = key(&server, &chair, "SGD", &SCOPES).await;
    let begin = server.clock.now().plus_us(24 * HOUR_US);
    let variables = [
        ("DIEMCAU", String::new()),
        ("KEY", made.secret),
        ("BEGIN", begin.0.to_string()),
        ("END", begin.plus_us(HOUR_US).0.to_string()),
    ];
    let stranger: Browser = server.stranger();
    let calls = calls();
    assert!(calls.len() > 6, "{calls:?}");
    for line in calls {
        let call = Call::of(&words(&line, &variables));
        let mut request = stranger.request(call.method(), &call.address);
        let changes = call.method() == Method::PATCH;
        for (name, value) in &call.headers {
            // The version that the page writes down is an example.
            let value = match (changes, name.as_str()) {
                (true, "if-match") => {
                    let path = call.address.clone();
                    chair.read::<Session>(&path).await.etag
                }
                _ => value.clone(),
            };
            request = request.header(name, value);
        }
        if let Some(body) = &call.body {
            request = request.body(body.clone());
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{line}: {status} {text}");
    }
}

#[test]
fn page_names_every_scope_and_codes_that_there_are() {
    for scope in protocol::api::ApiScope::ALL {
        assert!(PAGE.contains(&format!("`{}`", scope.word())), "{scope:?}");
    }
    let mut named = 0;
    for word in PAGE.split('`').skip(1).step_by(2) {
        let is_code = [
            "key_",
            "idempotency_",
            "rate_",
            "if_match_",
            "changed_",
            "not_allowed",
        ];
        if is_code.iter().any(|begin| word.starts_with(begin)) {
            let known = serde_json::from_value::<protocol::api::ProblemCode>(json!(word));
            assert!(known.is_ok(), "{word} is no code");
            named += 1;
        }
    }
    assert!(named > 8, "{named}");
}
