//! Taking away and deleting what is kept about somebody.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use office_core::csv;
use office_core::rights::{ErasePerson, ExportPersonalData};
use protocol::PersonId;
use protocol::api::{self, Erasure, ErasurePreview, ErasureReport, KeptWhat, ProblemCode};
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use uuid::Uuid;

use super::{actions, dossier, store};
use crate::AppState;
use crate::access::{Asking, routes_asking};
use crate::platform::clock::{day, said};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(erasure, erase))
        .routes(routes_asking!(preview))
        .routes(routes_asking!(report_file))
}

/// Apart from the others because a long file takes longer than a request may.
pub(crate) fn files() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes_asking!(personal_data))
}

fn parse(id: &str) -> ApiResult<PersonId> {
    let id: Result<Uuid, _> = id.parse();
    id.map(PersonId)
        .map_err(|_| ApiError::not_found(ProblemCode::UnknownPerson))
}

/// Everything that is kept about somebody, as a file. Who took it away is a line of the log.
#[utoipa::path(
    get, path = "/people/{person}/personal-data", tag = "person",
    params(("person" = String, Path, description = "Id of the person.")),
    responses((status = 200, content_type = "application/json", body = Vec<u8>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_person`."))
)]
async fn personal_data(
    State(state): State<AppState>,
    asking: Asking<ExportPersonalData>,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    let id = parse(&id)?;
    let mut tx = state.store.write().await?;
    if store::who(&mut tx, id).await?.is_none() {
        return Err(ApiError::not_found(ProblemCode::UnknownPerson));
    }
    let resource = format!("person:{id}");
    permit
        .note(&mut tx, &resource, None, Some(json!({})), now)
        .await?;
    tx.commit().await?;
    let mut conn = state.store.read().await?;
    let dossier = dossier::of(&mut conn, id, now).await?;
    let body = serde_json::to_vec_pretty(&dossier).map_err(ApiError::internal)?;
    Ok(file(
        "application/json",
        &format!("du-lieu-ca-nhan-{}.json", day(now).0),
        body,
    ))
}

fn file(kind: &str, name: &str, body: Vec<u8>) -> Response {
    let heads = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}\""),
        ),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (heads, body).into_response()
}

/// What deleting somebody's data would do. Nothing is deleted: everything is done and given up.
#[utoipa::path(
    get, path = "/people/{person}/erasure/preview", tag = "person",
    params(("person" = String, Path, description = "Id of the person.")),
    responses((status = 200, body = ErasurePreview), (status = 401), (status = 403),
        (status = 404, description = "`unknown_person`."), (status = 409, description = "`person_erased`."))
)]
async fn preview(
    State(state): State<AppState>,
    asking: Asking<ErasePerson>,
    Path(id): Path<String>,
) -> ApiResult<Json<ErasurePreview>> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    let mut tx = state.store.write().await?;
    let who = actions::find(&mut tx, parse(&id)?).await?;
    let namesakes = store::namesakes(&mut tx, &who).await?;
    let (report, is_last_administrator) = match actions::erase(&mut tx, &permit, &who, now).await {
        Ok(report) => (report, false),
        Err(refusal) if refusal.code == ProblemCode::LastAdministrator => {
            (ErasureReport::default(), true)
        }
        Err(refusal) => return Err(refusal),
    };
    drop(tx);
    Ok(Json(ErasurePreview {
        to_type: actions::to_type(&who).to_owned(),
        report,
        is_last_administrator,
        namesakes: u32::try_from(namesakes).unwrap_or(u32::MAX),
    }))
}

/// Deletes what makes somebody known, everywhere, and ends their account. What is left stands without a name.
#[utoipa::path(
    post, path = "/people/{person}/erasure", tag = "person", request_body = api::ErasePerson,
    params(("person" = String, Path, description = "Id of the person.")),
    responses((status = 201, body = Erasure), (status = 400, description = "`not_confirmed`."), (status = 401),
        (status = 403), (status = 404, description = "`unknown_person`."),
        (status = 409, description = "`person_erased`, `last_administrator`."))
)]
async fn erase(
    State(state): State<AppState>,
    asking: Asking<ErasePerson>,
    Path(id): Path<String>,
    Body(wanted): Body<api::ErasePerson>,
) -> ApiResult<(StatusCode, Json<Erasure>)> {
    let (now, permit) = (state.clock.now(), asking.about(())?);
    let mut tx = state.store.write().await?;
    let who = actions::find(&mut tx, parse(&id)?).await?;
    if wanted.typed.trim() != actions::to_type(&who) {
        return Err(ApiError::bad_request(
            ProblemCode::NotConfirmed,
            "what was typed is not what was asked for",
        ));
    }
    actions::erase(&mut tx, &permit, &who, now).await?;
    let told = actions::report(&mut tx, who.id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(told)))
}

/// The report on somebody whose data were deleted. It names nobody.
#[utoipa::path(
    get, path = "/people/{person}/erasure", tag = "person",
    params(("person" = String, Path, description = "Id of the person.")),
    responses((status = 200, body = Erasure), (status = 401), (status = 403),
        (status = 404, description = "`unknown_person`, `not_erased`."))
)]
async fn erasure(
    State(state): State<AppState>,
    asking: Asking<ErasePerson>,
    Path(id): Path<String>,
) -> ApiResult<Json<Erasure>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    Ok(Json(actions::report(&mut conn, parse(&id)?).await?))
}

/// The same as a table for Excel.
#[utoipa::path(
    get, path = "/people/{person}/erasure/file", tag = "person",
    params(("person" = String, Path, description = "Id of the person.")),
    responses((status = 200, content_type = "text/csv", body = Vec<u8>), (status = 401), (status = 403),
        (status = 404, description = "`unknown_person`, `not_erased`."))
)]
async fn report_file(
    State(state): State<AppState>,
    asking: Asking<ErasePerson>,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    asking.about(())?;
    let id = parse(&id)?;
    let mut conn = state.store.read().await?;
    let told = actions::report(&mut conn, id).await?;
    let name = format!("bien-ban-xoa-du-lieu-{}.csv", day(told.at_us).0);
    Ok(file(
        "text/csv; charset=utf-8",
        &name,
        table(id, &told).into_bytes(),
    ))
}

/// What stays, as the table calls it.
const fn kept_as(what: KeptWhat) -> &'static str {
    match what {
        KeptWhat::Appointments => "Phân công đã qua, không còn tên",
        KeptWhat::Roles => "Vai trò đã giữ, không còn tên",
        KeptWhat::Presence => "Thời gian dự họp, không còn tên",
        KeptWhat::Attendance => "Điểm danh và danh sách điểm cầu, không còn tên",
        KeptWhat::Officers => "Điều hành các phiên đã xong, không còn tên",
        KeptWhat::Enrolments => "Lớp đã học, không còn tên",
        KeptWhat::LogLines => "Dòng nhật ký về việc đã làm, chỉ còn mã số",
        KeptWhat::Titles => "Tên phiên có nhắc tên này, còn nguyên",
        KeptWhat::Backups => "Bản sao lưu trước đó, còn nguyên đến khi hết hạn giữ",
    }
}

fn table(id: PersonId, told: &Erasure) -> String {
    let mut text = csv::BYTE_ORDER_MARK.to_owned();
    let mut line = |cells: [&str; 3]| text.push_str(&csv::line(cells));
    line(["Biên bản xóa dữ liệu cá nhân", &id.to_string(), ""]);
    line(["Xóa lúc", &said(told.at_us), ""]);
    let finished = told.finished_at_us.map(said);
    line([
        "Xong cả tệp và cơ sở dữ liệu lúc",
        finished.as_deref().unwrap_or("chưa"),
        "",
    ]);
    line(["Việc", "Bảng hoặc loại", "Số dòng"]);
    for rows in &told.report.deleted {
        line(["Đã xóa", &rows.table, &rows.rows.to_string()]);
    }
    for rows in &told.report.kept {
        line(["Giữ lại", kept_as(rows.what), &rows.rows.to_string()]);
    }
    line(["Giữ lại", kept_as(KeptWhat::Backups), ""]);
    for one in &told.report.recordings {
        let until = match (one.on_hold, one.keep_until_us) {
            (true, _) => "đang giữ theo yêu cầu".to_owned(),
            (false, Some(until)) => format!("giữ đến {}", said(until)),
            (false, None) => "giữ không thời hạn".to_owned(),
        };
        line(["Bản ghi có hình, tiếng", &one.session, &until]);
    }
    text
}
