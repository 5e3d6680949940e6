//! Lists of people that come as files: looked through, written by a job, stopped and gone on with.

use protocol::api::{
    ImportRow, ImportState, Page, PeopleImport, PersonSummary, RowFaultCode, RowVerdict,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use signaling::access::accounts;
use signaling::platform::audit;

use crate::support::{Browser, Server, eventually, problem};

const HEADER: &str = "Mã;Họ và tên;Danh xưng;Đơn vị;Chức vụ;Môn dạy;Từ ngày;Đến ngày\n";

async fn send(browser: &Browser, name: &str, bytes: impl Into<Vec<u8>>) -> Response {
    let path = format!("/api/v1/people-imports?name={name}");
    browser
        .request(Method::POST, &path)
        .body(bytes.into())
        .send()
        .await
        .unwrap()
}

async fn import(browser: &Browser, rows: &str) -> PeopleImport {
    let answer = send(browser, "ds.csv", format!("{HEADER}{rows}")).await;
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 201, "{text}");
    let import: PeopleImport = serde_json::from_str(&text).unwrap();
    let sum = import.new + import.changed + import.same + import.refused;
    assert_eq!(sum, import.rows, "every row stands in one way");
    import
}

async fn rows(browser: &Browser, import: &PeopleImport, verdict: &str) -> Vec<ImportRow> {
    let path = format!(
        "/api/v1/people-imports/{}/rows?verdict={verdict}",
        import.id
    );
    let page: Page<ImportRow> = browser.read(&path).await;
    page.items
}

async fn apply(browser: &Browser, import: &PeopleImport) -> PeopleImport {
    let path = format!("/api/v1/people-imports/{}", import.id);
    let answer = browser.post(&format!("{path}/apply"), &Value::Null).await;
    assert_eq!(answer.status(), 202);
    ended(browser, &path).await
}

async fn ended(browser: &Browser, path: &str) -> PeopleImport {
    eventually("the import ends", || async {
        let now: PeopleImport = browser.read(path).await;
        now.state != ImportState::Applying
    })
    .await;
    browser.read(path).await
}

async fn listed(browser: &Browser) -> Vec<PersonSummary> {
    let page: Page<PersonSummary> = browser.read("/api/v1/people").await;
    page.items
}

fn quick(config: &mut signaling::Config) {
    config.jobs.poll_ms = 20;
}

#[tokio::test]
async fn import_adds_and_changes_and_taken_in_again_changes_nothing() {
    let server = Server::start_with(quick).await;
    let keeper = server.signed_in("quantri").await;
    let list = "0112;Lương Văn Bính;Ông;TR-A;Giáo viên;Toán;01/09/2025;\n\
                0208;Vi Thị Chiên;Bà;UBND xã Mường Khê;Chuyên viên;;15/10/2025;\n";
    let first = import(&keeper, list).await;
    assert_eq!(
        (first.new, first.rows, first.state),
        (2, 2, ImportState::Ready)
    );
    assert_eq!(listed(&keeper).await.len(), 2, "a look writes nobody");
    let done = apply(&keeper, &first).await;
    assert_eq!((done.state, done.written), (ImportState::Done, 2));
    assert_eq!(listed(&keeper).await.len(), 4);
    let again = import(&keeper, list).await;
    assert_eq!((again.same, again.rows), (2, 2));
    // Another position from a later day on; an empty cell changes nothing.
    let changed = "0112;;;TR-A;Tổ trưởng;;01/09/2026;\n0208;Vi Thị Chiến;;;;;;\n";
    let second = import(&keeper, changed).await;
    assert_eq!((second.changed, second.rows), (2, 2));
    let told = rows(&keeper, &second, "changed").await;
    assert_eq!(told[0].changes[0].before.as_deref(), Some("Giáo viên"));
    assert_eq!(told[1].changes[0].after, "Vi Thị Chiến");
    apply(&keeper, &second).await;
    let people = listed(&keeper).await;
    let binh = people
        .iter()
        .find(|one| one.name == "Lương Văn Bính")
        .unwrap();
    let path = format!("/api/v1/people/{}", binh.id);
    let binh: protocol::api::Person = keeper.read(&path).await;
    assert_eq!(binh.form_of_address.as_deref(), Some("Ông"));
    let held: Vec<_> = binh
        .appointments
        .iter()
        .map(|one| {
            (
                one.position.as_str(),
                one.subject.as_deref(),
                one.to.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        held,
        [
            ("Tổ trưởng", Some("Toán"), None),
            ("Giáo viên", Some("Toán"), Some("2026-08-31"))
        ]
    );
    assert_eq!(import(&keeper, changed).await.same, 2);
    let mut conn = server.store.read().await.unwrap();
    let verdict = audit::verify(&mut conn, None).await.unwrap();
    assert!(verdict.is_intact(), "{verdict:?}");
    let lines = audit::last(&mut conn, 50).await.unwrap();
    let of_people = lines
        .iter()
        .filter(|line| line.resource.starts_with("person:"));
    assert_eq!(of_people.count(), 4, "a line for each row that was written");
}

#[tokio::test]
async fn every_bad_row_is_refused_by_its_reason_and_the_others_are_written() {
    let server = Server::start_with(quick).await;
    let keeper = server.signed_in("quantri").await;
    let list = "1001;Lô Thị Hằng;;TR-A;Giáo viên;;31/02/1985;\n\
                31;Vi Văn Tám;;TR-A;Giáo viên;;;\n\
                1003;NguyÔn V¨n Kh¸nh;;TR-A;Giáo viên;;;\n\
                1004;Lữ Văn Điệp;;TR-A;Giáo viên;;;\n\
                1004;Lữ Văn Điệp;;TR-A;Giáo viên;;;\n\
                1005;Sầm Thị Kiều;;TR-A;Giáo viên;;01/09/2026;31/08/2026\n\
                1006;Quang Thị Hà;;XA-B;Giáo viên;;;\n\
                1007;Hà Văn Hoan;;KHÔNG CÓ;Giáo viên;;;\n\
                1008;Lô Thị Lan;;TR-A;;;;\n\
                1009;Cụt Văn Xây;;TR-A;Nhân viên;;;\n";
    let first = import(&keeper, list).await;
    assert_eq!((first.new, first.refused, first.rows), (1, 9, 10));
    let refused = rows(&keeper, &first, "refused").await;
    let codes: Vec<_> = refused
        .iter()
        .map(|row| (row.number, row.faults[0].code))
        .collect();
    assert_eq!(
        codes,
        [
            (2, RowFaultCode::BadDay),
            (3, RowFaultCode::LostZeros),
            (4, RowFaultCode::LegacyFont),
            (5, RowFaultCode::TwinRow),
            (6, RowFaultCode::TwinRow),
            (7, RowFaultCode::EndsBeforeItBegins),
            (8, RowFaultCode::UnitNotYours),
            (9, RowFaultCode::UnknownUnit),
            (10, RowFaultCode::MissingPosition),
        ]
    );
    assert_eq!(
        (
            refused[3].faults[0].params["row"].as_str(),
            refused[4].faults[0].params["row"].as_str()
        ),
        ("6", "5")
    );
    // Somebody says what the short code is.
    let columns: Vec<_> = first.columns.iter().map(|column| column.column).collect();
    let said = json!({ "columns": columns, "short_codes": "pad" });
    let path = format!("/api/v1/people-imports/{}", first.id);
    let answer = keeper
        .request(Method::PUT, &format!("{path}/columns"))
        .json(&said)
        .send()
        .await
        .unwrap();
    let padded: PeopleImport = answer.json().await.unwrap();
    assert_eq!((padded.new, padded.refused), (2, 8));
    let done = apply(&keeper, &first).await;
    assert_eq!(
        (done.state, done.written, done.refused),
        (ImportState::Done, 2, 8)
    );
    let names: Vec<_> = listed(&keeper)
        .await
        .into_iter()
        .map(|one| (one.name, one.code))
        .collect();
    assert!(
        names.contains(&("Vi Văn Tám".to_owned(), Some("0031".to_owned()))),
        "{names:?}"
    );
    // The file that is sent back has each of these rows with its reason; mended, it adds what was missing.
    let file = keeper
        .get(&format!("{path}/faults?format=csv"))
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(file.lines().count(), 9);
    assert!(
        file.contains("không có trong lịch") && file.contains("TCVN3"),
        "{file}"
    );
    let mended = list
        .replace("31/02/1985", "28/02/1985")
        .replace("\n31;", "\n0031;");
    let mended = import(&keeper, &mended).await;
    assert_eq!((mended.new, mended.same), (1, 2));
}

#[tokio::test]
async fn stopped_import_goes_on_where_it_was_and_doubles_nobody() {
    const PEOPLE: usize = 600;
    let server = Server::start_with(quick).await;
    let keeper = server.signed_in("quantri").await;
    // Without codes: they are known by name and unit alone. A file may be larger than other bodies.
    let note = "x".repeat(450);
    let list: String = (0..PEOPLE)
        .map(|n| format!(";Người thứ {n};;TR-A;Giáo viên;;;;{note}\n"))
        .collect();
    assert!(list.len() > signaling::Config::default().http.max_body_bytes);
    let first = import(&keeper, &list).await;
    let path = format!("/api/v1/people-imports/{}", first.id);
    assert_eq!(
        keeper
            .post(&format!("{path}/apply"), &Value::Null)
            .await
            .status(),
        202
    );
    let stopped = keeper.post(&format!("{path}/cancel"), &Value::Null).await;
    // It may have been quicker.
    assert!([202, 409].contains(&stopped.status().as_u16()));
    let stood = ended(&keeper, &path).await;
    if stood.state == ImportState::Cancelled {
        assert!(stood.written < PEOPLE as u32);
        apply(&keeper, &first).await;
    }
    let done: PeopleImport = keeper.read(&path).await;
    assert_eq!(
        (done.state, done.written),
        (ImportState::Done, PEOPLE as u32)
    );
    let again = import(&keeper, &list).await;
    assert_eq!(again.same, PEOPLE as u32);
    problem(
        keeper.post(&format!("{path}/apply"), &Value::Null).await,
        409,
    )
    .await;
}

#[tokio::test]
async fn rights_are_those_of_the_moment_of_writing_and_imports_are_seen_by_their_maker() {
    let server = Server::start_with(quick).await;
    let keeper = server.signed_in("quantri").await;
    let made = import(&keeper, "7001;Lô Thị Hằng;;TR-A;Giáo viên;;;\n").await;
    let path = format!("/api/v1/people-imports/{}", made.id);
    let chief = server.signed_in("chutri").await;
    problem(chief.get(&path).await, 403).await;
    problem(
        chief.post(&format!("{path}/apply"), &Value::Null).await,
        403,
    )
    .await;
    let member = server.signed_in("thanhvien").await;
    let refused = send(&member, "ds.csv", HEADER).await;
    problem(refused, 403).await;
    // No account is touched by a row about its holder.
    let mut conn = server.store.read().await.unwrap();
    let before = accounts::by_login(&mut conn, "thanhvien")
        .await
        .unwrap()
        .unwrap();
    drop(conn);
    let about = import(&keeper, ";Nguyễn Thị Yến;Bà;TR-A;;;;\n").await;
    assert_eq!(about.changed, 1);
    apply(&keeper, &about).await;
    let mut conn = server.store.read().await.unwrap();
    let after = accounts::by_login(&mut conn, "thanhvien")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (before.password_hash, before.disabled_at),
        (after.password_hash, after.disabled_at)
    );
}

#[tokio::test]
async fn files_that_are_none_are_refused_in_words_and_what_is_sent_out_comes_in_again() {
    let server = Server::start_with(quick).await;
    let keeper = server.signed_in("quantri").await;
    for (bytes, code, reason) in [
        (
            &b"\xd0\xcf\x11\xe0 old"[..],
            "unreadable_file",
            Some("old_workbook"),
        ),
        (&b"PK\x03\x04 cut"[..], "unreadable_file", Some("damaged")),
        (&b"a;b\n1;2\n"[..], "no_header", None),
        (HEADER.as_bytes(), "no_rows", None),
    ] {
        let refused = problem(send(&keeper, "x", bytes).await, 400).await;
        assert_eq!(refused.code, code);
        assert_eq!(refused.params.get("reason").map(String::as_str), reason);
    }
    let list = "0900;Lê Văn An;;TR-A;=Tổ trưởng;Toán, Tin;01/09/2025;31/12/2030\n";
    apply(&keeper, &import(&keeper, list).await).await;
    for format in ["csv", "xlsx"] {
        let path = format!("/api/v1/people-imports/people?format={format}");
        let answer = keeper.get(&path).await;
        assert_eq!(answer.status(), 200);
        let bytes = answer.bytes().await.unwrap();
        let answer = send(&keeper, "lai", bytes.to_vec()).await;
        let again: PeopleImport = answer.json().await.unwrap();
        assert_eq!((again.same, again.rows), (3, 3), "{format}: {again:?}");
        let template = keeper
            .get(&format!("/api/v1/people-imports/template?format={format}"))
            .await;
        let answer = send(&keeper, "mau", template.bytes().await.unwrap().to_vec()).await;
        assert_eq!(
            problem(answer, 400).await.code,
            "no_rows",
            "the header is understood"
        );
    }
    let rows: Page<ImportRow> = {
        let list: Page<PeopleImport> = keeper.read("/api/v1/people-imports").await;
        keeper
            .read(&format!("/api/v1/people-imports/{}/rows", list.items[0].id))
            .await
    };
    assert!(rows.items.iter().all(|row| row.verdict == RowVerdict::Same));
}
