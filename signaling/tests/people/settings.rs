//! Settings that a department changes while the server runs: who may, what is refused, and that each has its effect at once.

use protocol::api::{
    Branding, LinkSample, Me, Page, Secrecy, Session, SessionDefaults, SettingKey, SettingValue,
    Settings,
};
use protocol::client::LinkReport;
use reqwest::{Method, Response, header};
use serde_json::{Value, json};
use signaling::live::participants::{self, Entrant};
use signaling::live::samples;
use signaling::platform::audit;

use crate::support::{Browser, HOUR_US, MINUTE_US, Server, eventually, problem, serve, servers};

const PAGE: &str = "/api/v1/settings";

async fn put(browser: &Browser, etag: &str, changes: Value) -> Response {
    browser
        .request(Method::PUT, PAGE)
        .header("if-match", etag)
        .json(&json!({ "changes": changes }))
        .send()
        .await
        .unwrap()
}

/// Changes settings as they stand; how they stand then.
async fn change(browser: &Browser, changes: Value) -> Settings {
    let seen: Settings = browser.read(PAGE).await;
    let answer = put(browser, &seen.etag, changes).await;
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).unwrap()
}

fn one(settings: &Settings, key: SettingKey) -> &protocol::api::Setting {
    let mut all = settings.settings.iter();
    all.find(|one| one.key == key).unwrap()
}

#[tokio::test]
async fn change_is_told_with_its_default_and_who_made_it_and_stands_in_the_log() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let seen: Settings = chief.read(PAGE).await;
        let early = one(&seen, SettingKey::EarlyMinutes);
        assert_eq!(early.value, Some(SettingValue::Number(60)));
        assert!(!early.is_own && early.changed.is_none() && seen.may_change);
        let changes = json!([
            { "key": "early_minutes", "value": 45 },
            { "key": "department_short_name", "value": "  Sở  GD&ĐT " },
        ]);
        let told = change(&chief, changes).await;
        assert_ne!(told.etag, seen.etag);
        let early = one(&told, SettingKey::EarlyMinutes);
        assert_eq!(early.value, Some(SettingValue::Number(45)));
        assert_eq!(early.default, Some(SettingValue::Number(60)));
        let by = early.changed.clone().unwrap().by;
        assert!(early.is_own && by.as_deref() == Some("Vi Văn Hoài"));
        let name = one(&told, SettingKey::DepartmentShortName);
        assert_eq!(name.value, Some(SettingValue::Text("Sở GD&ĐT".to_owned())));
        // Back to what it is by default; who did it is still told.
        let told = change(&chief, json!([{ "key": "early_minutes", "value": null }])).await;
        let early = one(&told, SettingKey::EarlyMinutes);
        assert_eq!(early.value, Some(SettingValue::Number(60)));
        assert!(!early.is_own && early.changed.is_some());
        // The same again changes nothing.
        change(&chief, json!([{ "key": "early_minutes", "value": null }])).await;
        let mut conn = server.store.read().await.unwrap();
        let lines = audit::of_resource(&mut conn, "setting:early_minutes", i64::MAX, 10)
            .await
            .unwrap();
        let told: Vec<_> = lines
            .iter()
            .map(|line| {
                let value = |text: &Option<String>| {
                    let text = text.as_deref().unwrap();
                    serde_json::from_str::<Value>(text).unwrap()["value"].clone()
                };
                (
                    line.action.as_str(),
                    value(&line.before),
                    value(&line.after),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("change_settings", json!(45), json!(60)),
                ("change_settings", json!(60), json!(45)),
            ]
        );
    }
}

#[tokio::test]
async fn of_two_administrators_who_saw_the_same_one_is_sent_back_to_read_again() {
    for server in servers().await {
        let (one_chief, other) = (
            server.signed_in("chutri").await,
            server.signed_in("chutri").await,
        );
        let seen: Settings = one_chief.read(PAGE).await;
        let first = json!([{ "key": "early_minutes", "value": 30 }]);
        let second = json!([{ "key": "early_minutes", "value": 20 }]);
        let (a, b) = tokio::join!(
            put(&one_chief, &seen.etag, first),
            put(&other, &seen.etag, second)
        );
        let mut statuses = [a.status().as_u16(), b.status().as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412]);
        let refused = if a.status() == 412 { a } else { b };
        let refused = problem(refused, 412).await;
        let now: Settings = other.read(PAGE).await;
        assert_eq!(refused.code, "changed_meanwhile");
        assert_eq!(refused.params["etag"], now.etag);
        // A proxy that compresses marks the tag; nobody is sent back for that.
        let weak = format!("W/{}", now.etag);
        let same = put(
            &other,
            &weak,
            json!([{ "key": "early_minutes", "value": 25 }]),
        )
        .await;
        assert_eq!(same.status(), 200);
        let silent = other
            .request(Method::PUT, PAGE)
            .json(&json!({ "changes": [] }));
        let silent = problem(silent.send().await.unwrap(), 428).await;
        assert_eq!(silent.code, "if_match_required");
    }
}

#[tokio::test]
async fn wrong_value_says_what_is_allowed_and_none_of_the_others_is_written() {
    let server = Server::start().await;
    let chief = server.signed_in("chutri").await;
    let refused = async |wrong: Value, status: u16| {
        let seen: Settings = chief.read(PAGE).await;
        let changes = json!([{ "key": "sign_in_hours", "value": 3 }, wrong]);
        problem(put(&chief, &seen.etag, changes).await, status).await
    };
    for value in [json!(-1), json!(1_441), json!("45"), json!("")] {
        let said = refused(json!({ "key": "early_minutes", "value": value }), 400).await;
        assert_eq!(said.code, "bad_setting");
        let params = ["key", "reason", "least", "most"].map(|name| said.params[name].clone());
        assert_eq!(params, ["early_minutes", "number", "0", "1440"]);
    }
    let said = refused(json!({ "key": "session_kind", "value": "party" }), 400).await;
    assert!(said.params["words"].contains("class_observation"));
    let long = "ộ".repeat(161);
    let said = refused(json!({ "key": "department_name", "value": long }), 400).await;
    assert_eq!(
        (
            said.params["reason"].as_str(),
            said.params["limit"].as_str()
        ),
        ("too_long", "160")
    );
    for wrong in [
        json!({ "key": "early_minutes", "value": 4.5 }),
        json!({ "key": "no_such", "value": 4 }),
        json!({ "key": "sign_in_hours", "value": 4 }),
    ] {
        assert_eq!(refused(wrong, 400).await.code, "malformed_body");
    }
    for wrong in [
        json!({ "key": "early_minutes", "year": 2026, "value": 4 }),
        json!({ "key": "teacher_coverage", "value": 4 }),
        json!({ "key": "teacher_coverage", "year": 1990, "value": 4 }),
    ] {
        assert_eq!(refused(wrong, 400).await.code, "bad_year");
    }
    let seen: Settings = chief.read(PAGE).await;
    assert!(!one(&seen, SettingKey::SignInHours).is_own);
}

#[tokio::test]
async fn department_changes_its_technicians_read_and_units_do_neither() {
    let server = Server::start_with(|config| {
        config.beside = vec![(
            "recorder.toml".to_owned(),
            json!({ "compose": { "fps": 25 } }),
        )];
    })
    .await;
    let technician = server.signed_in("kythuat").await;
    let seen: Settings = technician.read(PAGE).await;
    assert!(!seen.may_change);
    let fps = seen.fixed.iter().find(|one| one.key == "compose.fps");
    assert_eq!(fps.unwrap().value.as_deref(), Some("25"));
    let changes = json!([{ "key": "early_minutes", "value": 4 }]);
    let refused = put(&technician, &seen.etag, changes.clone()).await;
    assert_eq!(problem(refused, 403).await.code, "not_allowed");
    for login in ["quantri", "giangvien", "thanhvien"] {
        let browser = server.signed_in(login).await;
        let refused = problem(browser.get(PAGE).await, 403).await;
        assert_eq!(refused.code, "not_allowed", "{login}");
        let refused = put(&browser, &seen.etag, changes.clone()).await;
        assert_eq!(problem(refused, 403).await.code, "not_allowed", "{login}");
        let me: Me = browser.read("/api/v1/me").await;
        let may = serde_json::to_value(me.may).unwrap();
        assert!(!may.to_string().contains("view_settings"), "{login}");
    }
    let of_the_demo = server.province.commune;
    // Technicians of a unit look after its points, not after the installation.
    let mut tx = server.store.write().await.unwrap();
    let account = signaling::access::accounts::by_login(&mut tx, "thanhvien")
        .await
        .unwrap()
        .unwrap();
    let today = signaling::platform::clock::day(server.clock.now());
    let role = protocol::api::AccountRole::ItStaff;
    signaling::access::accounts::grant(&mut tx, account.id, role, of_the_demo, &today)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let browser = server.signed_in("thanhvien").await;
    assert_eq!(browser.get(PAGE).await.status(), 403);
}

#[tokio::test]
async fn room_opens_as_early_as_it_was_set_a_moment_ago() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let starts_at = server.clock.now().plus_us(90 * MINUTE_US);
        let points = &server.province.points[3..];
        let province = &server.province;
        province
            .session(&server.store, "GB-02", starts_at, Secrecy::Normal, points)
            .await;
        let knock = async || {
            let request = chief.request(Method::POST, "/whep/GB-02");
            let request = request
                .header("content-type", "application/sdp")
                .body("v=0");
            request.send().await.unwrap()
        };
        assert_eq!(problem(knock().await, 403).await.code, "too_early");
        change(&chief, json!([{ "key": "early_minutes", "value": 120 }])).await;
        let let_in = problem(knock().await, 400).await;
        assert_eq!(
            let_in.code, "bad_sdp",
            "the door is open, the offer is none"
        );
        let session: Session = chief.read("/api/v1/sessions/GB-02").await;
        assert_eq!(session.opens_at_us, starts_at.plus_us(-2 * HOUR_US));
        change(&chief, json!([{ "key": "early_minutes", "value": 0 }])).await;
        assert_eq!(problem(knock().await, 403).await.code, "too_early");
    }
}

#[tokio::test]
async fn shorter_retention_takes_the_samples_when_the_job_runs_next() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let school = server.province.points[2];
        let now = server.clock.now();
        let entrant = Entrant {
            session: server.session,
            identity: "point:DC-03".to_owned(),
            role: protocol::client::SessionRole::Point,
            name: "Điểm cầu 3".to_owned(),
            bridge_point: Some(school),
            account: None,
            token: None,
            encoder: false,
        };
        let mut tx = server.store.write().await.unwrap();
        let participant = participants::enter(&mut tx, &entrant, now).await.unwrap();
        for days in [6, 4] {
            let at = now.plus_us(-days * 24 * HOUR_US);
            samples::insert(&mut tx, participant, school, at, &LinkReport::default())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        change(&chief, json!([{ "key": "link_sample_days", "value": 5 }])).await;
        // Every server asks for the job when it starts. This one has never heard of the change but from the database.
        let database = server.running.state.config.database.clone();
        let (_second, _parts) = serve(database, server.folder.path()).await;
        eventually("the older one is gone", async || {
            let path = "/api/v1/bridge-points/DC-03/samples?from=0";
            chief.read::<Page<LinkSample>>(path).await.items.len() == 1
        })
        .await;
    }
}

#[tokio::test]
async fn sessions_links_and_sign_ins_follow_what_was_set() {
    let server = Server::start().await;
    let chief = server.signed_in("chutri").await;
    let changes = json!([
        { "key": "training_recording_days", "value": 90 },
        { "key": "max_interactive", "value": 4 },
        { "key": "link_hours_after_end", "value": 5 },
        { "key": "sign_in_hours", "value": 2 },
        { "key": "session_kind", "value": "training" },
        { "key": "session_minutes", "value": 45 },
        { "key": "auto_record", "value": "always" },
    ]);
    change(&chief, changes).await;
    let begin = server.clock.now().plus_us(6 * HOUR_US);
    let wanted = |kind: &str, points: &[&str]| {
        json!({ "title": "Tập huấn", "kind": kind, "starts_at_us": begin, "ends_at_us": begin.plus_us(HOUR_US),
                "bridge_points": points, "secrecy": "normal" })
    };
    let path = "/api/v1/sessions";
    let full = chief
        .post(path, &wanted("training", &["DC-01", "DC-02", "DC-03"]))
        .await;
    assert_eq!(problem(full, 400).await.params["limit"], "2");
    let made: Session = chief
        .post(path, &wanted("training", &["DC-03"]))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(made.keep_days, Some(90));
    let other: Session = chief
        .post(path, &wanted("meeting", &["DC-04"]))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(other.keep_days, Some(731), "of another kind");
    let link: protocol::api::Link = chief
        .post(
            &format!("{path}/{}/links", made.code),
            &json!({ "role": "viewer" }),
        )
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        link.expires_at_us,
        made.ends_at_us.plus_us(5 * HOUR_US),
        "five hours after the end"
    );
    let defaults: SessionDefaults = chief.read("/api/v1/session-defaults").await;
    assert_eq!(
        serde_json::to_value(defaults).unwrap(),
        json!({ "kind": "training", "minutes": 45, "auto_record": "always" })
    );
    let member = server.signed_in("thanhvien").await;
    server.clock.set(2 * HOUR_US + MINUTE_US);
    let me: Option<Me> = member.read("/api/v1/me").await;
    assert_eq!(me, None, "signed out after two hours");
}

#[tokio::test]
async fn name_is_told_to_strangers_on_every_server_as_soon_as_it_is_set() {
    for server in servers().await {
        let database = server.running.state.config.database.clone();
        let (second, _parts) = serve(database, server.folder.path()).await;
        let elsewhere = Browser::new(server.folder.path(), second.address);
        let before: Branding = elsewhere.read("/api/v1/branding").await;
        assert_eq!(before.name.as_deref(), Some("Sở Giáo dục và Đào tạo"));
        assert_eq!((before.short_name, before.emblem), (None, None));
        let chief = server.signed_in("chutri").await;
        let changes = json!([
            { "key": "department_name", "value": "Sở Giáo dục và Đào tạo Nghệ An" },
            { "key": "department_short_name", "value": "Sở GD&ĐT Nghệ An" },
        ]);
        change(&chief, changes).await;
        let after: Branding = elsewhere.read("/api/v1/branding").await;
        assert_eq!(
            after.name.as_deref(),
            Some("Sở Giáo dục và Đào tạo Nghệ An")
        );
        assert_eq!(after.short_name.as_deref(), Some("Sở GD&ĐT Nghệ An"));
    }
}

/// A picture of 64 by 64 pixels.
fn picture() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 64, 64);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[7; 64 * 64 * 4]).unwrap();
    writer.finish().unwrap();
    bytes
}

#[tokio::test]
async fn emblem_is_served_as_a_plain_picture_that_runs_nothing_and_a_drawing_is_refused() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let send = async |bytes: Vec<u8>| {
            let seen: Settings = chief.read(PAGE).await;
            let request = chief.request(Method::PUT, "/api/v1/settings/emblem");
            let request = request.header("if-match", seen.etag).body(bytes);
            request.send().await.unwrap()
        };
        let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let refused = problem(send(drawing.to_vec()).await, 400).await;
        assert_eq!(refused.code, "bad_emblem");
        assert_eq!(refused.params["reason"], "no_png");
        let large = problem(send(vec![0; 300 * 1_024]).await, 413).await;
        assert_eq!(large.code, "too_large");
        assert_eq!(send(picture()).await.status(), 200);
        let stranger = server.stranger();
        let told: Branding = stranger.read("/api/v1/branding").await;
        let address = told.emblem.unwrap();
        let served = stranger.get(&address).await;
        assert_eq!(served.status(), 200);
        let header = |name: header::HeaderName| served.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header(header::CONTENT_TYPE), "image/png");
        assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(
            header(header::CONTENT_SECURITY_POLICY),
            "default-src 'none'; sandbox"
        );
        assert!(served.bytes().await.unwrap().starts_with(b"\x89PNG"));
        let other = stranger.get("/api/v1/branding/emblem/00").await;
        assert_eq!(problem(other, 404).await.code, "no_such_file");
        // The product's own mark again; the picture is gone.
        let seen: Settings = chief.read(PAGE).await;
        assert!(seen.emblem.unwrap().changed.unwrap().by.is_some());
        let request = chief.request(Method::DELETE, "/api/v1/settings/emblem");
        let gone = request.header("if-match", seen.etag).send().await.unwrap();
        assert_eq!(gone.status(), 200);
        let told: Branding = stranger.read("/api/v1/branding").await;
        assert_eq!(told.emblem, None);
        assert_eq!(stranger.get(&address).await.status(), 404);
        let mut conn = server.store.read().await.unwrap();
        let lines = audit::of_resource(&mut conn, "setting:emblem", i64::MAX, 9)
            .await
            .unwrap();
        assert_eq!(lines.len(), 2);
    }
}

#[tokio::test]
async fn target_is_of_its_year_and_stands_when_the_year_is_over() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let seen: Settings = chief.read(PAGE).await;
        let present = seen.years.iter().find(|year| !year.is_over).unwrap().year;
        let past = present - 1;
        let set = |year: u32, value: Value| json!([{ "key": "online_meeting_rate", "year": year, "value": value }]);
        change(&chief, set(present, json!(80))).await;
        // A department that begins with us says what it aimed at last year, once.
        let told = change(&chief, set(past, json!(70))).await;
        let percents: Vec<_> = told
            .years
            .iter()
            .map(|year| (year.year, year.targets[0].percent, year.is_over))
            .collect();
        assert_eq!(
            percents,
            [
                (past, Some(70), true),
                (present, Some(80), false),
                (present + 1, None, false)
            ]
        );
        let late = put(&chief, &told.etag, set(past, json!(75))).await;
        let late = problem(late, 409).await;
        assert_eq!(late.code, "year_over");
        assert_eq!(late.params["year"], past.to_string());
        let told = change(&chief, set(present, Value::Null)).await;
        let year = told.years.iter().find(|year| year.year == present).unwrap();
        assert_eq!(year.targets[0].percent, None);
        let mut conn = server.store.read().await.unwrap();
        let year = i64::from(present);
        let key = "online_meeting_rate";
        let stored = signaling::platform::settings::of_year(&mut conn, key, year).await;
        assert_eq!(stored.unwrap(), None, "put back is as never said");
    }
}
