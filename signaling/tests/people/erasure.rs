//! What is kept about somebody: taken away as a file, and deleted everywhere.

use std::path::Path;

use office_core::text::fold;
use protocol::api::{
    AuditChain, AuditLine, Erasure, ErasurePreview, KeptWhat, Page, PeopleImport, Person,
    PersonSummary,
};
use protocol::client::{
    ChatEvent, ChatMessage, ConnectionState, Event, EventFrame, FloorEvent, HandEvent, Microphone,
    Participant, RosterEvent, SessionRole,
};
use protocol::{AccountId, ParticipantId, PersonId, RecordingId};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use signaling::access::{accounts, hash_password};
use signaling::live::participants::Entrant;
use signaling::live::{captures, journal, participants};
use signaling::org::people;
use signaling::platform::audit::{self, Fault, Head};
use signaling_core::{Cause, JournalEntry, Reason};

use crate::support::{Browser, HOUR_US, PASSWORD, Server, eventually, problem, servers};

const NAME: &str = "Cao Thị Mỹ Duyên";
const CODE: &str = "4150-9917";
const LOGIN: &str = "duyen.ctm";
const ADDRESS: &str = "my.duyen@nghean.example";
const TELEPHONE: &str = "0987651234";

/// Everything by which somebody who looks for her would find her.
fn needles() -> Vec<String> {
    vec![
        NAME.to_owned(),
        NAME.to_lowercase(),
        NAME.to_uppercase(),
        fold(NAME),
        CODE.to_owned(),
        LOGIN.to_owned(),
        ADDRESS.to_owned(),
        TELEPHONE.to_owned(),
    ]
}

/// Whoever is erased, with all that a year of work leaves behind.
struct Scene {
    person: PersonId,
    browser: Browser,
    recording: RecordingId,
}

async fn add(
    server: &Server,
    chief: &Browser,
    (name, code, login): (&str, &str, &str),
) -> (PersonId, AccountId) {
    let body = json!({
        "name": name, "code": code, "form_of_address": "Bà", "is_namesake": true,
        "appointment": { "unit": "TR-A", "position": "Giáo viên", "from": "2026-01-05" },
    });
    let request = chief.request(Method::POST, "/api/v1/people");
    let request = request.header("idempotency-key", uuid::Uuid::now_v7().to_string());
    let answer = request.json(&body).send().await.unwrap();
    let made: Person = answer.json().await.unwrap();
    let person = PersonId(made.id.parse().unwrap());
    let mut tx = server.store.write().await.unwrap();
    let hash = hash_password(PASSWORD).unwrap();
    let now = server.clock.now();
    let account = accounts::insert(&mut tx, login, &hash, person, now).await;
    tx.commit().await.unwrap();
    (person, account.unwrap())
}

/// Somebody comes into a room and says something there.
async fn speaks(
    server: &Server,
    account: Option<AccountId>,
    name: &str,
    said: &str,
    first: u64,
) -> ParticipantId {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let entrant = Entrant {
        session: server.session,
        identity: account.map_or_else(|| format!("sign_in:{first}"), |id| format!("account:{id}")),
        role: SessionRole::Presenter,
        name: name.to_owned(),
        bridge_point: None,
        account,
        token: None,
        encoder: false,
    };
    let id = participants::enter(&mut tx, &entrant, now).await.unwrap();
    let participant = Participant {
        id,
        name: name.to_owned(),
        role: SessionRole::Presenter,
        bridge_point: None,
        seat: None,
        connection: ConnectionState::Connected,
        microphone: Microphone::default(),
        camera_on: false,
        encoder: false,
    };
    let message = ChatMessage {
        id: uuid::Uuid::now_v7(),
        from: id,
        name: name.to_owned(),
        bridge_point: None,
        text: said.to_owned(),
        at_us: now,
    };
    let joined = Event::Roster(RosterEvent::ParticipantJoined { participant });
    let topic = Some(said.to_owned());
    let events = [
        joined,
        Event::Chat(ChatEvent::ChatSent { message }),
        Event::Hand(HandEvent::TopicChanged {
            participant: id,
            topic: topic.clone(),
        }),
        Event::Floor(FloorEvent::FloorGranted {
            participant: id,
            by: id,
            opens_at_us: None,
            ends_at_us: None,
            topic,
        }),
    ];
    for (seq, event) in (first..).zip(events) {
        let entry = JournalEntry {
            frame: EventFrame {
                seq,
                at_us: now,
                event,
            },
            cause: Cause {
                actor: Some(id),
                command: None,
                reason: Reason::Asked,
            },
        };
        journal::append(&mut tx, server.session, &entry)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    id
}

/// The folder of a recording, as the recorder leaves it.
fn record(folder: &Path, whose: ParticipantId) {
    std::fs::create_dir_all(folder).unwrap();
    let track = json!({ "participant": whose, "source": "camera" });
    let line = |seq: u32, event: Value| {
        let line = json!({ "seq": seq, "at_us": 1, "utc_us": 2, "event": event }).to_string();
        let crc = crc32fast::hash(line.as_bytes());
        format!(
            "{},\"crc\":\"{crc:08x}\"}}\n",
            line.strip_suffix('}').unwrap()
        )
    };
    let joined =
        json!({ "type": "participant_joined", "participant": { "id": whose, "name": NAME } });
    let said = json!({
        "type": "chat_sent",
        "message": { "id": "m1", "from": uuid::Uuid::nil(), "name": "Vi Văn Hoài", "text": format!("Mời {NAME}") },
    });
    let events = [
        line(1, json!({ "type": "started" })),
        line(
            2,
            json!({ "type": "stream_started", "track": track, "name": NAME, "codec": "vp8" }),
        ),
        line(3, json!({ "type": "room", "event": joined })),
        line(4, json!({ "type": "room", "event": said })),
    ]
    .concat();
    let manifest = json!({
        "schema": 1, "state": "finalised",
        "tracks": [{ "track": track, "name": NAME, "seat": null, "epochs": [] }],
        "events": { "path": "events.jsonl", "bytes": events.len(), "sha256": hex::encode(Sha256::digest(&events)) },
    });
    std::fs::write(folder.join("events.jsonl"), events).unwrap();
    std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
}

/// A line as an earlier release wrote it: hashed over its texts.
async fn old_line(server: &Server, after: &Value) -> i64 {
    let mut conn = server.store.read().await.unwrap();
    let last = audit::newest(&mut conn).await.unwrap().unwrap();
    drop(conn);
    let seq = last.seq + 1;
    let row = audit::Row {
        seq,
        at_us: 7,
        actor: "system".to_owned(),
        action: "add_account".to_owned(),
        resource: "account:old".to_owned(),
        before: None,
        after: Some(after.to_string()),
    };
    let hash = Sha256::new()
        .chain_update(last.hash)
        .chain_update(serde_json::to_vec(&row).unwrap())
        .finalize();
    let blob = |bytes: &[u8]| match server.is_postgres() {
        true => format!("'\\x{}'::bytea", hex::encode(bytes)),
        false => format!("X'{}'", hex::encode(bytes)),
    };
    let statement = format!(
        "INSERT INTO audit_log (seq, at_us, actor, action, resource, after, previous_hash, hash)
         VALUES ({seq}, 7, 'system', 'add_account', 'account:old', '{after}', {}, {})",
        blob(&last.hash),
        blob(&hash)
    );
    server.tamper(&statement).await.unwrap();
    seq
}

async fn scene(server: &Server) -> Scene {
    let chief = server.signed_in("chutri").await;
    let (person, account) = add(server, &chief, (NAME, CODE, LOGIN)).await;
    old_line(
        server,
        &json!({ "login": LOGIN, "said": format!("mời {NAME}"), "role": "member" }),
    )
    .await;
    let role = json!({ "role": "trainer", "unit": "TR-A" });
    let given = chief
        .post(&format!("/api/v1/accounts/{account}/roles"), &role)
        .await;
    assert!(given.status().is_success(), "{}", given.status());
    let browser = server.signed_in(LOGIN).await;
    let renamed = json!({ "name": NAME, "code": CODE, "form_of_address": "Cô" });
    let request = chief.request(Method::PUT, &format!("/api/v1/people/{person}"));
    let answer = request
        .header("if-match", "*")
        .json(&renamed)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);

    // A list that names her, with address and telephone, and a row that only looks like hers.
    let list = format!(
        "Mã;Họ và tên;Đơn vị;Chức vụ;Thư;Điện thoại\n{CODE};{NAME};TR-A;Tổ trưởng;{ADDRESS};{TELEPHONE}\n;{NAME};XA-B;Kế toán;;\n"
    );
    let request = chief.request(
        Method::POST,
        "/api/v1/people-imports?name=Cao-Thi-My-Duyen.csv",
    );
    let made = request.body(list).send().await.unwrap();
    assert_eq!(made.status(), 201, "{}", made.text().await.unwrap());

    // In charge of a session to come, which is called off because of her.
    let begins = server.clock.now().plus_us(30 * HOUR_US);
    let session = json!({
        "title": "Họp tổ", "kind": "meeting", "secrecy": "normal", "convening_unit": "SGD", "bridge_points": ["DC-03"],
        "starts_at_us": begins, "ends_at_us": begins.plus_us(HOUR_US),
    });
    let made: Value = chief
        .post("/api/v1/sessions", &session)
        .await
        .json()
        .await
        .unwrap();
    let path = format!("/api/v1/sessions/{}", made["code"].as_str().unwrap());
    let officers = json!({ "officers": [
        { "part": "chair", "person": person.to_string() },
    ] });
    let request = chief.request(Method::PATCH, &path).header("if-match", "*");
    let answer = request.json(&officers).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    let reason = format!("Cô {NAME} ốm, gọi {TELEPHONE}");
    let request = chief
        .request(Method::POST, &format!("{path}/cancel"))
        .header("if-match", "*");
    let answer = request
        .json(&json!({ "reason": reason }))
        .send()
        .await
        .unwrap();
    assert!(answer.status().is_success());

    // The provider of the province knows her by her address.
    let id = |id: uuid::Uuid| match server.is_postgres() {
        true => format!("'{id}'::uuid"),
        false => format!("X'{}'", id.simple()),
    };
    let (own, of) = (id(uuid::Uuid::now_v7()), id(account.0));
    let linked = format!(
        "INSERT INTO external_identity (id, issuer, subject, account_id, label, linked_at_us)
         VALUES ({own}, 'https://sso.example', 's-4711', {of}, '{ADDRESS}', 1)"
    );
    server.tamper(&linked).await.unwrap();

    // Links for her, and for a guest of her name.
    for link in [
        json!({ "role": "presenter", "login": LOGIN }),
        json!({ "role": "presenter", "name": NAME }),
    ] {
        let made = chief.post("/api/v1/sessions/GB-01/links", &link).await;
        assert_eq!(made.status(), 201, "{}", made.text().await.unwrap());
    }
    // The log remembers what was looked for in it.
    let looked = format!("/api/v1/audit-log/file?who={LOGIN}");
    assert_eq!(chief.get(&looked).await.status(), 200);

    let her = speaks(
        server,
        Some(account),
        NAME,
        &format!("Tôi là {NAME}, {TELEPHONE}"),
        1,
    )
    .await;
    speaks(
        server,
        Some(server.province.chair),
        "Vi Văn Hoài",
        &format!("Cảm ơn cô {NAME}."),
        5,
    )
    .await;
    speaks(server, None, NAME, "Máy ở nhà", 9).await;
    let recording = RecordingId(uuid::Uuid::now_v7());
    let mut tx = server.store.write().await.unwrap();
    captures::request(&mut tx, recording, server.session, server.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    record(
        &server
            .folder
            .path()
            .join("recordings")
            .join(recording.to_string()),
        her,
    );
    Scene {
        person,
        browser,
        recording,
    }
}

/// Where a text stands: tables and columns, and files of the data folder.
async fn found(server: &Server) -> Vec<String> {
    let mut found = Vec::new();
    let mut questions = Vec::new();
    for (table, column) in server.columns().await {
        let holds = |needle: &String| match server.is_postgres() {
            true => format!("\"{column}\"::text LIKE '%{needle}%'"),
            false => format!("instr(CAST(\"{column}\" AS BLOB), CAST('{needle}' AS BLOB)) > 0"),
        };
        let any: Vec<String> = needles().iter().map(holds).collect();
        let any = any.join(" OR ");
        questions.push(format!(
            "SELECT '{table}.{column}', COUNT(*) FROM \"{table}\" WHERE {any}"
        ));
    }
    for (place, count) in server.counts(&questions).await {
        if count > 0 {
            found.push(format!("{place}: {count} rows"));
        }
    }
    let mut folders = vec![server.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(bytes) = std::fs::read(&path) else {
                continue;
            };
            for needle in needles() {
                let needle_bytes = needle.as_bytes();
                if bytes
                    .windows(needle_bytes.len())
                    .any(|part| part == needle_bytes)
                {
                    found.push(format!("{}: {needle}", path.display()));
                }
            }
        }
    }
    found.sort();
    found
}

async fn intact(server: &Server) -> Vec<Fault> {
    let head = Head::read(server.folder.path()).unwrap();
    let mut conn = server.store.read().await.unwrap();
    audit::verify(&mut conn, head).await.unwrap().faults
}

#[tokio::test]
async fn erased_person_stands_in_no_table_no_file_and_no_free_page_and_the_chain_holds() {
    for server in servers().await {
        let scene = scene(&server).await;
        let chief = server.signed_in("chutri").await;
        let path = format!("/api/v1/people/{}/erasure", scene.person);
        let before = found(&server).await;
        for place in [
            "person.",
            "account.",
            "audit_log.",
            "session_event.",
            "people_import_row.",
            "notice.",
            "session.",
            "access_token.",
            "external_identity.",
            "participant.",
            "events.jsonl",
            "manifest.json",
        ] {
            assert!(
                before.iter().any(|one| one.contains(place)),
                "the scene reaches {place}: {before:#?}"
            );
        }

        // A look deletes nothing, and says what would go.
        let preview: ErasurePreview = chief.read(&format!("{path}/preview")).await;
        assert_eq!(preview.to_type, CODE);
        assert!(!preview.is_last_administrator);
        assert_eq!(found(&server).await, before);
        let refused = chief.post(&path, &json!({ "typed": "4150" })).await;
        assert_eq!(problem(refused, 400).await.code, "not_confirmed");
        assert_eq!(found(&server).await, before);

        let answer = chief.post(&path, &json!({ "typed": CODE })).await;
        assert_eq!(answer.status(), 201, "{}", answer.text().await.unwrap());
        eventually("files and free pages are done", async || {
            let told: Erasure = chief.read(&path).await;
            told.finished_at_us.is_some()
        })
        .await;
        assert_eq!(found(&server).await, Vec::<String>::new());
        assert_eq!(intact(&server).await, []);
        let chain = chief.post("/api/v1/audit-log/check", &Value::Null).await;
        let chain: AuditChain = chain.json().await.unwrap();
        assert_eq!(chain.faults, []);

        // The report is the look's, and names nobody.
        let told: Erasure = chief.read(&path).await;
        assert_eq!(told.report, preview.report);
        let rows = |what| {
            told.report
                .kept
                .iter()
                .find(|one| one.what == what)
                .map(|one| one.rows)
        };
        assert_eq!(rows(KeptWhat::Appointments), Some(1));
        assert_eq!(rows(KeptWhat::Presence), Some(2));
        assert_eq!(told.report.recordings[0].session, "GB-01");
        let table = chief
            .get(&format!("{path}/file"))
            .await
            .text()
            .await
            .unwrap();
        assert!(
            table.contains("people_import_row") && table.contains("GB-01"),
            "{table}"
        );

        // Nobody is signed in by that account, and nobody will be.
        assert_eq!(scene.browser.get("/api/v1/account").await.status(), 401);
        let answer = server.stranger().sign_in(LOGIN, PASSWORD).await;
        assert_eq!(answer.status(), 401);
        let listed: Page<PersonSummary> = chief.read("/api/v1/people?unit=TR-A").await;
        assert!(
            listed
                .items
                .iter()
                .all(|one| one.id != scene.person.to_string())
        );
        let person: Person = chief
            .read(&format!("/api/v1/people/{}", scene.person))
            .await;
        assert!(person.erased_at_us.is_some() && !person.has_account);
        assert_eq!(person.appointments.len(), 1, "what she was is counted");
        let again = chief.post(&path, &json!({ "typed": CODE })).await;
        assert_eq!(problem(again, 409).await.code, "person_erased");
        let body = json!({ "unit": "TR-A", "position": "Giáo viên" });
        let back = chief
            .post(
                &format!("/api/v1/people/{}/appointments", scene.person),
                &body,
            )
            .await;
        assert_eq!(problem(back, 409).await.code, "person_erased");

        // What she stood in is read as before, without her.
        let log: Page<AuditLine> = chief.read("/api/v1/audit-log?action=create_link").await;
        let after: Vec<Value> = log
            .items
            .into_iter()
            .filter_map(|line| line.after)
            .collect();
        assert!(
            after
                .iter()
                .any(|after| after["guest"] == json!({ "erased": true })),
            "{after:?}"
        );
        let lists: Page<PeopleImport> = chief.read("/api/v1/people-imports").await;
        for list in lists.items {
            assert_eq!(
                (list.rows, list.refused),
                (2, 2),
                "nobody is made of an emptied row"
            );
            for part in ["rows", "faults"] {
                let path = format!("/api/v1/people-imports/{}/{part}", list.id);
                assert_eq!(chief.get(&path).await.status(), 200, "{part}");
            }
        }
        // What others said is there, without her.
        let mut conn = server.store.read().await.unwrap();
        let said: Vec<String> = journal::load(&mut conn, server.session)
            .await
            .unwrap()
            .into_iter()
            .filter_map(|entry| match entry.frame.event {
                Event::Chat(ChatEvent::ChatSent { message }) => {
                    Some(format!("{}: {}", message.name, message.text))
                }
                _ => None,
            })
            .collect();
        drop(conn);
        assert_eq!(said[1], "Vi Văn Hoài: Cảm ơn cô (đã xóa).");
        // And the recorder's checksums are right.
        let folder = server
            .folder
            .path()
            .join("recordings")
            .join(scene.recording.to_string());
        let events = std::fs::read(folder.join("events.jsonl")).unwrap();
        let manifest: Value =
            serde_json::from_slice(&std::fs::read(folder.join("manifest.json")).unwrap()).unwrap();
        assert_eq!(
            manifest["events"]["sha256"],
            hex::encode(Sha256::digest(&events))
        );
        for line in String::from_utf8(events).unwrap().lines() {
            let (body, crc) = line.rsplit_once(",\"crc\":\"").unwrap();
            let crc = u32::from_str_radix(crc.trim_end_matches("\"}"), 16).unwrap();
            assert_eq!(
                crc,
                crc32fast::hash(format!("{body}}}").as_bytes()),
                "{line}"
            );
        }
    }
}

#[tokio::test]
async fn line_that_lost_a_text_shows_any_other_change() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let (person, _) = add(&server, &chief, (NAME, CODE, LOGIN)).await;
        let old = old_line(&server, &json!({ "login": LOGIN, "role": "member" })).await;
        let link = json!({ "role": "presenter", "name": NAME });
        chief.post("/api/v1/sessions/GB-01/links", &link).await;
        let new = old + 1;
        let path = format!("/api/v1/people/{person}/erasure");
        let answer = chief.post(&path, &json!({ "typed": CODE })).await;
        assert_eq!(answer.status(), 201);
        assert_eq!(intact(&server).await, []);
        // The database takes no other change of a line, also of one that lost a text.
        for statement in [
            format!("UPDATE audit_log SET actor = 'account:x' WHERE seq = {old}"),
            format!("UPDATE audit_log SET erased_by = NULL WHERE seq = {old}"),
            format!("DELETE FROM audit_log WHERE seq = {old}"),
        ] {
            let refused = server.tamper(&statement).await.unwrap_err().to_string();
            assert!(refused.contains("append-only"), "{statement}: {refused}");
        }
        // What it does take shows: another word in what is left, a text that goes without an erasure.
        let change = |seq: i64, from: &str, to: &str| {
            format!(
                "UPDATE audit_log SET after = replace(after, '{from}', '{to}') WHERE seq = {seq}"
            )
        };
        for (seq, from, to) in [(old, "member", "unit_admin"), (new, "presenter", "chair")] {
            server.tamper(&change(seq, from, to)).await.unwrap();
            assert_eq!(intact(&server).await, [Fault::Changed(seq)]);
            server.tamper(&change(seq, to, from)).await.unwrap();
            assert_eq!(intact(&server).await, []);
        }
        let erasure = server
            .count("SELECT MAX(seq) FROM audit_log WHERE action = 'erase_person'")
            .await;
        server
            .tamper(&format!("UPDATE audit_log SET after = NULL, salts = '[]', erased_by = {erasure} WHERE seq = 1"))
            .await
            .unwrap();
        assert_eq!(intact(&server).await, [Fault::Changed(1)]);
    }
}

#[tokio::test]
async fn somebody_of_the_same_name_stays_as_they_are() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let (person, _) = add(&server, &chief, (NAME, CODE, LOGIN)).await;
        let (_, other) = add(
            &server,
            &chief,
            (&NAME.to_lowercase(), "4150-0001", "duyen.hai"),
        )
        .await;
        let (third, account) = add_namesake(&server).await;
        let kept = speaks(&server, Some(account), NAME, "Tôi ở trường khác", 1).await;
        let path = format!("/api/v1/people/{person}/erasure");
        let preview: ErasurePreview = chief.read(&format!("{path}/preview")).await;
        assert_eq!(preview.namesakes, 2);
        let answer = chief.post(&path, &json!({ "typed": CODE })).await;
        assert_eq!(answer.status(), 201);
        let mut conn = server.store.read().await.unwrap();
        let entries = journal::load(&mut conn, server.session).await.unwrap();
        for entry in entries {
            if let Event::Roster(RosterEvent::ParticipantJoined { participant }) = entry.frame.event
            {
                assert_eq!((participant.id, participant.name.as_str()), (kept, NAME));
            }
        }
        let still = people::by_id(&mut conn, third).await.unwrap().unwrap();
        assert_eq!(still.full_name, NAME);
        assert!(
            accounts::by_id(&mut conn, other)
                .await
                .unwrap()
                .unwrap()
                .disabled_at
                .is_none()
        );
    }
}

async fn add_namesake(server: &Server) -> (PersonId, AccountId) {
    let now = server.clock.now();
    let mut tx = server.store.write().await.unwrap();
    let person = people::insert(&mut tx, NAME, None, now).await.unwrap();
    let account = accounts::insert(&mut tx, "nguoi.khac", "", person, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (person, account)
}

#[tokio::test]
async fn last_administrator_is_not_erased() {
    for server in servers().await {
        let chief = server.signed_in("chutri").await;
        let listed: Page<PersonSummary> = chief.read("/api/v1/people?q=hoai").await;
        let path = format!("/api/v1/people/{}/erasure", listed.items[0].id);
        let preview: ErasurePreview = chief.read(&format!("{path}/preview")).await;
        assert!(preview.is_last_administrator);
        let refused = chief.post(&path, &json!({ "typed": "Vi Văn Hoài" })).await;
        assert_eq!(problem(refused, 409).await.code, "last_administrator");
        assert_eq!(
            server
                .signed_in("chutri")
                .await
                .get("/api/v1/me")
                .await
                .status(),
            200
        );
        assert_eq!(
            problem(chief.get(&path).await, 404).await.code,
            "not_erased"
        );
    }
}

#[tokio::test]
async fn everything_that_is_kept_is_handed_out_and_that_is_a_line_of_the_log() {
    for server in servers().await {
        let scene = scene(&server).await;
        let chief = server.signed_in("chutri").await;
        let path = format!("/api/v1/people/{}/personal-data", scene.person);
        let answer = chief.get(&path).await;
        let name = answer.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            name.starts_with("attachment; filename=\"du-lieu-ca-nhan-"),
            "{name}"
        );
        let kept: Value = answer.json().await.unwrap();
        assert_eq!(kept["person"][0]["full_name"], NAME);
        assert_eq!(kept["accounts"][0]["login"], LOGIN);
        assert_eq!(kept["appointments"][0]["unit"], "TR-A");
        assert_eq!(kept["roles"][0]["role"], "trainer");
        assert_eq!(kept["took_part_in"][0]["session"], "GB-01");
        assert_eq!(kept["recordings"][0]["session"], "GB-01");
        assert!(kept["sign_ins"][0]["address"].is_string());
        let text = kept.to_string();
        for needle in [ADDRESS, TELEPHONE, "Tôi là Cao Thị Mỹ Duyên"] {
            assert!(text.contains(needle), "{needle}: {text}");
        }
        assert!(!text.contains("argon2"), "no proof of a password");
        let mut conn = server.store.read().await.unwrap();
        let last = audit::last(&mut conn, 1).await.unwrap();
        assert_eq!(last[0].action, "export_personal_data");
        let unit = server.signed_in("quantri").await;
        problem(unit.get(&path).await, 403).await;
    }
}
