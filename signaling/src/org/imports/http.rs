//! Imports of people.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use office_core::people_import::{Cell, names_of};
use office_core::rights::{ImportPeople, ListPeople, ManageImport};
use protocol::ImportId;
use protocol::api::{ImportColumns, ImportRow, Page, PeopleImport, ProblemCode, RowVerdict};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::file::{self, FileFault};
use super::{actions, store, view, words};
use crate::AppState;
use crate::access::{Actor, Asking, routes_asking};
use crate::org::people::{self, After, Filter};
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path, Query};
use crate::platform::http::body;
use crate::platform::paging::{cut, with_another};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list_imports, import_people))
        .routes(routes_asking!(people_template))
        .routes(routes_asking!(people_file))
        .routes(routes_asking!(people_import))
        .routes(routes_asking!(correct_import))
        .routes(routes_asking!(import_rows))
        .routes(routes_asking!(import_faults))
        .routes(routes_asking!(apply_import))
        .routes(routes_asking!(cancel_import))
        .layer(DefaultBodyLimit::max(file::MAX_FILE))
}

/// How many imports a page of the list holds at most.
const LISTED: usize = 20;
/// How many rows a page holds at most.
const PAGE: usize = 100;

/// What a file is called.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Named {
    /// Its name, shown to people; what it is, the server sees itself.
    #[serde(default)]
    name: String,
}

/// Takes a file with people and looks it through; nobody is written.
#[utoipa::path(
    post, path = "/people-imports", tag = "person", params(Named),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = PeopleImport),
        (status = 400, description = "`no_header`, `no_rows`; `unreadable_file`: `reason` is `no_table`, `old_workbook`, \
            `damaged` or `too_much`."),
        (status = 401), (status = 403), (status = 413, description = "`too_large`.")
    )
)]
async fn import_people(
    State(state): State<AppState>,
    asking: Asking<ImportPeople>,
    Query(named): Query<Named>,
    request: Request,
) -> ApiResult<(StatusCode, Json<PeopleImport>)> {
    let permit = asking.about(())?;
    let account = asking.actor.account().ok_or_else(ApiError::forbidden)?;
    let bytes = body::read(&state, request).await?;
    let table = tokio::task::spawn_blocking(move || file::read(&bytes)).await;
    let table = table.map_err(ApiError::internal)?.map_err(unreadable)?;
    let tree = state.tree(&mut state.store.read().await?).await?;
    let now = state.clock.now();
    let id = actions::take(
        &state.store,
        &permit,
        (account, &tree),
        (&named.name, table),
        now,
    )
    .await?;
    let mut conn = state.store.read().await?;
    let told = tell(&mut conn, &asking.actor, &id.to_string()).await?;
    Ok((StatusCode::CREATED, told))
}

fn unreadable(fault: FileFault) -> ApiError {
    ApiError::bad_request(ProblemCode::UnreadableFile, fault.to_string())
        .with("reason", fault.word())
}

async fn tell(conn: &mut Conn, actor: &Actor, id: &str) -> ApiResult<Json<PeopleImport>> {
    let seen = view::find(conn, actor, id).await?;
    Ok(Json(view::describe(conn, actor, &seen).await?))
}

/// Which part of the list is asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Before {
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Uuid>,
}

/// Lists the caller's imports, the newest first.
#[utoipa::path(
    get, path = "/people-imports", tag = "person", params(Before),
    responses((status = 200, body = Page<PeopleImport>), (status = 400, description = "`malformed_query`."), (status = 401),
        (status = 403))
)]
async fn list_imports(
    State(state): State<AppState>,
    asking: Asking<ImportPeople>,
    Query(before): Query<Before>,
) -> ApiResult<Json<Page<PeopleImport>>> {
    asking.about(())?;
    let account = asking.actor.account().ok_or_else(ApiError::forbidden)?;
    let mut conn = state.store.read().await?;
    let (before, limit) = (before.cursor.map(ImportId), with_another(LISTED));
    let mut imports = store::of_account(&mut conn, account, before, limit).await?;
    let next = cut(&mut imports, LISTED, |last| last.id);
    let mut items = Vec::new();
    for import in imports {
        let seen = view::SeenImport::by(&asking.actor, import);
        items.push(view::describe(&mut conn, &asking.actor, &seen).await?);
    }
    Ok(Json(Page { items, next }))
}

/// An import: its columns, how its rows stand, how far it is written.
#[utoipa::path(
    get, path = "/people-imports/{import}", tag = "person",
    params(("import" = String, Path, description = "Id of the import.")),
    responses((status = 200, body = PeopleImport), (status = 401), (status = 403),
        (status = 404, description = "`unknown_import`."))
)]
async fn people_import(
    State(state): State<AppState>,
    asking: Asking<ManageImport>,
    Path(id): Path<String>,
) -> ApiResult<Json<PeopleImport>> {
    let mut conn = state.store.read().await?;
    asking.about(view::find(&mut conn, &asking.actor, &id).await?)?;
    tell(&mut conn, &asking.actor, &id).await
}

/// Says which column is what, and what becomes of codes that are shorter than others; the rows are looked through again.
#[utoipa::path(
    put, path = "/people-imports/{import}/columns", tag = "person", request_body = ImportColumns,
    params(("import" = String, Path, description = "Id of the import.")),
    responses((status = 200, body = PeopleImport), (status = 400, description = "`bad_columns`."), (status = 401),
        (status = 403), (status = 404, description = "`unknown_import`."), (status = 409, description = "`import_not_ready`."))
)]
async fn correct_import(
    State(state): State<AppState>,
    asking: Asking<ManageImport>,
    Path(id): Path<String>,
    Body(said): Body<ImportColumns>,
) -> ApiResult<Json<PeopleImport>> {
    let mut conn = state.store.read().await?;
    let permit = asking.about(view::find(&mut conn, &asking.actor, &id).await?)?;
    let tree = state.tree(&mut conn).await?;
    drop(conn);
    actions::correct(&state.store, &permit, &tree, &said, state.clock.now()).await?;
    tell(&mut state.store.read().await?, &asking.actor, &id).await
}

/// Which rows are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedRows {
    /// Only rows that stand, or stood at last, in this way.
    #[param(value_type = Option<String>)]
    verdict: Option<RowVerdict>,
    /// `next` of the page before.
    cursor: Option<u32>,
}

/// The rows of an import, in the order of the file.
#[utoipa::path(
    get, path = "/people-imports/{import}/rows", tag = "person",
    params(WantedRows, ("import" = String, Path, description = "Id of the import.")),
    responses((status = 200, body = Page<ImportRow>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_import`."))
)]
async fn import_rows(
    State(state): State<AppState>,
    asking: Asking<ManageImport>,
    Path(id): Path<String>,
    Query(wanted): Query<WantedRows>,
) -> ApiResult<Json<Page<ImportRow>>> {
    let mut conn = state.store.read().await?;
    let seen = asking.about(view::find(&mut conn, &asking.actor, &id).await?)?;
    let (import, after) = (&seen.import, wanted.cursor.unwrap_or(0));
    let mut rows = store::rows(
        &mut conn,
        import.id,
        wanted.verdict,
        after,
        with_another(PAGE),
    )
    .await?;
    let next = cut(&mut rows, PAGE, |row| row.number);
    let items = rows.into_iter().map(|row| view::describe_row(import, row));
    Ok(Json(Page {
        items: items.collect(),
        next,
    }))
}

/// Has an import written; one that was stopped or failed goes on with the rows that have no result.
#[utoipa::path(
    post, path = "/people-imports/{import}/apply", tag = "person",
    params(("import" = String, Path, description = "Id of the import.")),
    responses((status = 202, body = PeopleImport), (status = 401), (status = 403),
        (status = 404, description = "`unknown_import`."), (status = 409, description = "`import_not_ready`."))
)]
async fn apply_import(
    State(state): State<AppState>,
    asking: Asking<ManageImport>,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<PeopleImport>)> {
    let mut tx = state.store.write().await?;
    let permit = asking.about(view::find(&mut tx, &asking.actor, &id).await?)?;
    actions::apply(&mut tx, &permit, state.clock.now()).await?;
    let told = tell(&mut tx, &asking.actor, &id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, told))
}

/// Asks that the writing of an import stops. What was written stays.
#[utoipa::path(
    post, path = "/people-imports/{import}/cancel", tag = "person",
    params(("import" = String, Path, description = "Id of the import.")),
    responses((status = 202, body = PeopleImport), (status = 401), (status = 403),
        (status = 404, description = "`unknown_import`."), (status = 409, description = "`import_not_ready`."))
)]
async fn cancel_import(
    State(state): State<AppState>,
    asking: Asking<ManageImport>,
    Path(id): Path<String>,
) -> ApiResult<(StatusCode, Json<PeopleImport>)> {
    let mut tx = state.store.write().await?;
    let permit = asking.about(view::find(&mut tx, &asking.actor, &id).await?)?;
    actions::cancel(&mut tx, &permit, state.clock.now()).await?;
    let told = tell(&mut tx, &asking.actor, &id).await?;
    tx.commit().await?;
    Ok((StatusCode::ACCEPTED, told))
}

/// As what a file is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct WantedFile {
    /// `xlsx`, or `csv`.
    #[param(value_type = Option<String>)]
    format: Option<FileFormat>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FileFormat {
    #[default]
    Xlsx,
    Csv,
}

/// A table as a file to keep.
fn download(wanted: &WantedFile, name: &str, rows: &[Vec<String>]) -> ApiResult<Response> {
    let (bytes, kind, ending) = match wanted.format.unwrap_or_default() {
        FileFormat::Csv => (
            file::write_delimited(rows),
            "text/csv; charset=utf-8",
            "csv",
        ),
        FileFormat::Xlsx => (
            file::write_workbook("Danh sách", rows),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "xlsx",
        ),
    };
    let bytes = bytes.map_err(ApiError::internal)?;
    let disposition = format!("attachment; filename=\"{name}.{ending}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    Ok((headers, bytes).into_response())
}

fn names_of_columns() -> Vec<String> {
    names_of().map(|(_, name)| name.to_owned()).to_vec()
}

/// The rows that were not written, as they stand in the file, with the reason beside each.
#[utoipa::path(
    get, path = "/people-imports/{import}/faults", tag = "person",
    params(WantedFile, ("import" = String, Path, description = "Id of the import.")),
    responses((status = 200, description = "A file."), (status = 401), (status = 403),
        (status = 404, description = "`unknown_import`."))
)]
async fn import_faults(
    State(state): State<AppState>,
    asking: Asking<ManageImport>,
    Path(id): Path<String>,
    Query(wanted): Query<WantedFile>,
) -> ApiResult<Response> {
    let mut conn = state.store.read().await?;
    let seen = asking.about(view::find(&mut conn, &asking.actor, &id).await?)?;
    let import = &seen.import;
    let width = import.columns.len();
    let headers = import.columns.iter().map(|column| column.header.clone());
    let mut table = vec![
        headers
            .chain(["Dòng".to_owned(), "Lý do".to_owned()])
            .collect::<Vec<_>>(),
    ];
    let refused = Some(RowVerdict::Refused);
    for row in store::rows(&mut conn, import.id, refused, 0, i64::MAX).await? {
        let mut cells: Vec<String> = row.cells.iter().map(shown).collect();
        cells.resize(width, String::new());
        let why: Vec<String> = row.told.faults.iter().map(words::sentence).collect();
        cells.push(row.number.to_string());
        cells.push(why.join(" "));
        table.push(cells);
    }
    download(&wanted, "dong-chua-ghi", &table)
}

/// A cell as people write it: days as they are read here.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Day(day) => day.split('-').rev().collect::<Vec<_>>().join("/"),
        cell => cell.text().to_owned(),
    }
}

/// An empty table with the columns that are understood, and one row as an example.
#[utoipa::path(
    get, path = "/people-imports/template", tag = "person", params(WantedFile),
    responses((status = 200, description = "A file."), (status = 401), (status = 403))
)]
async fn people_template(
    State(_): State<AppState>,
    asking: Asking<ImportPeople>,
    Query(wanted): Query<WantedFile>,
) -> ApiResult<Response> {
    asking.about(())?;
    download(&wanted, "mau-danh-sach-nguoi", &[names_of_columns()])
}

/// The people at the caller's units and below as a table of the template's columns. Taken in again, it changes nothing.
#[utoipa::path(
    get, path = "/people-imports/people", tag = "person", params(WantedFile),
    responses((status = 200, description = "A file."), (status = 401), (status = 403))
)]
async fn people_file(
    State(state): State<AppState>,
    asking: Asking<ListPeople>,
    Query(wanted): Query<WantedFile>,
) -> ApiResult<Response> {
    asking.about(())?;
    let reader = asking.actor.reader().ok_or_else(ApiError::forbidden)?;
    let today = day(state.clock.now());
    let everybody = Filter {
        wanted: None,
        unit: None,
        after: After::beginning(),
        limit: i64::MAX,
    };
    let mut conn = state.store.read().await?;
    let listed = people::visible_to(&mut conn, &reader, &today, &everybody).await?;
    // The first appointment of each: a file has one row for everybody.
    let mut first = std::collections::HashMap::new();
    for sits in store::sitting(&mut conn, &today).await? {
        first.entry(sits.person_id).or_insert(sits);
    }
    let vn = |day: &protocol::Day| shown(&Cell::Day(day.0.clone()));
    let mut table = vec![names_of_columns()];
    for person in listed {
        let sits = first.get(&person.id);
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        table.push(vec![
            text(person.code.as_ref()),
            person.full_name.clone(),
            text(person.form_of_address.as_ref()),
            text(sits.map(|sits| &sits.unit_code)),
            text(sits.map(|sits| &sits.position)),
            text(sits.and_then(|sits| sits.subject.as_ref())),
            sits.map(|sits| vn(&sits.valid_from)).unwrap_or_default(),
            sits.and_then(|sits| sits.valid_to.as_ref())
                .map(vn)
                .unwrap_or_default(),
        ]);
    }
    download(&wanted, "danh-sach-nguoi", &table)
}
