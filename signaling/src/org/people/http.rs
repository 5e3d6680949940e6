//! People and their appointments.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use office_core::org::Tree;
use office_core::rights::{
    AddPerson, AppointPerson, AppointmentFacts, EditPerson, EndAppointment, ListPeople, ViewPerson,
};
use protocol::api::{
    AppointmentEnd, NewAppointment, NewPerson, Page, Person, PersonNames, PersonSummary,
    ProblemCode, UnitRef,
};
use protocol::text::{self, TextFault};
use protocol::{PersonId, UnitId};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::actions;
use super::store::{self, After, Filter};
use super::view::{self, ToAppoint};
use crate::AppState;
use crate::access::{Actor, Asking, routes_asking};
use crate::platform::clock::day;
use crate::platform::database::Conn;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::{Body, Path, Query};
use crate::platform::http::etag::IfMatch;
use crate::platform::paging::{cut, two, with_another};

pub(crate) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes_asking!(list_people, add_person))
        .routes(routes_asking!(appointable_units))
        .routes(routes_asking!(person, edit_person))
        .routes(routes_asking!(appoint_person))
        .routes(routes_asking!(end_appointment))
}

/// How many people a page of the list holds at most.
const PAGE: usize = 50;

/// Which people are asked for.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those whose name or code contains this, whatever its case and diacritics.
    q: Option<String>,
    /// Only those at the unit with this code, or below it.
    unit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Wanted {
    /// One more than a page holds tells whether there is another.
    fn filter(&self, tree: &Tree) -> ApiResult<Filter> {
        let unit = self.unit.as_deref().map(|code| unit_of_any_day(tree, code));
        let wanted = match self.q.as_deref().map(|q| text::NAME.admit(q)) {
            None | Some(Err(TextFault::Empty)) => None,
            Some(Ok(q)) => Some(q),
            Some(Err(fault)) => return Err(malformed(&fault.to_string())),
        };
        let after = self.cursor.as_deref().map(parse_cursor).transpose()?;
        Ok(Filter {
            wanted,
            unit: unit.transpose()?,
            after: after.unwrap_or_else(After::beginning),
            limit: with_another(PAGE),
        })
    }
}

fn parse_cursor(cursor: &str) -> ApiResult<After> {
    two(cursor, |sort_key, id| {
        Some(After {
            sort_key: hex::decode(sort_key).ok()?,
            id: PersonId(id.parse().ok()?),
        })
    })
}

fn malformed(why: &str) -> ApiError {
    ApiError::bad_request(ProblemCode::MalformedQuery, why)
}

fn unknown_unit(code: &str) -> ApiError {
    ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code")
        .with("unit", text::drawable(code, 64))
}

fn unit_of_any_day(tree: &Tree, code: &str) -> ApiResult<UnitId> {
    tree.of_any_day(code).ok_or_else(|| unknown_unit(code))
}

fn unit_of_today(tree: &Tree, code: &str) -> ApiResult<UnitId> {
    let unit = text::key(code).and_then(|code| tree.by_code(&code).map(|unit| unit.id));
    unit.ok_or_else(|| unknown_unit(code))
}

/// Lists the people at the caller's units and below, by given name.
#[utoipa::path(
    get, path = "/people", tag = "person", params(Wanted),
    responses((status = 200, body = Page<PersonSummary>), (status = 400, description = "`malformed_query`, `unknown_unit`."),
        (status = 401), (status = 403))
)]
async fn list_people(
    State(state): State<AppState>,
    asking: Asking<ListPeople>,
    Query(wanted): Query<Wanted>,
) -> ApiResult<Json<Page<PersonSummary>>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let filter = wanted.filter(&tree)?;
    let reader = asking.actor.reader().ok_or_else(ApiError::forbidden)?;
    let today = day(state.clock.now());
    let mut listed = store::visible_to(&mut conn, &reader, &today, &filter).await?;
    let next = cut(&mut listed, PAGE, |last| {
        format!("{}.{}", hex::encode(&last.sort_key), last.id)
    });
    let items = listed.into_iter().map(|one| view::summarise(&tree, one));
    Ok(Json(Page {
        items: items.collect(),
        next,
    }))
}

/// The units at which the caller may appoint somebody, by name.
#[utoipa::path(
    get, path = "/people/units", tag = "person",
    responses((status = 200, body = Page<UnitRef>), (status = 401), (status = 403))
)]
async fn appointable_units(
    State(state): State<AppState>,
    asking: Asking<ListPeople>,
) -> ApiResult<Json<Page<UnitRef>>> {
    asking.about(())?;
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let mine = tree
        .units()
        .filter(|unit| asking.actor.may::<AddPerson>(&tree.lineage(unit.id)));
    let mut items: Vec<UnitRef> = mine.map(|unit| tree.name(unit.id)).collect();
    items.sort_by_cached_key(|unit| crate::platform::text::sort_key(&unit.name));
    Ok(Json(Page { items, next: None }))
}

/// Adds somebody with a first appointment at a unit of the caller's.
#[utoipa::path(
    post, path = "/people", tag = "person", request_body = NewPerson,
    responses(
        (status = 201, body = Person),
        (status = 400, description = "`bad_name`, `bad_person_code`, `bad_form_of_address`, `bad_email`, `bad_position`, `bad_subject`, \
            `bad_day`, `ends_before_it_begins`, `unknown_unit`."),
        (status = 401), (status = 403),
        (status = 409, description = "`namesake`: somebody of this name is there already; `params` say who: `id`, `name`, \
            `code`. Asked again with `is_namesake`, it is somebody else. `person_code_taken`.")
    )
)]
async fn add_person(
    State(state): State<AppState>,
    asking: Asking<AddPerson>,
    Body(new): Body<NewPerson>,
) -> ApiResult<Response> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let unit = unit_of_today(&tree, &new.appointment.unit)?;
    let permit = asking.about(tree.lineage(unit))?;
    let id = actions::add(&mut tx, &permit, unit, &new, now).await?;
    let answer = tell(&state, &mut tx, &asking.actor, id, StatusCode::CREATED).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Somebody with all their appointments.
#[utoipa::path(
    get, path = "/people/{person}", tag = "person",
    params(("person" = String, Path, description = "Id of the person.")),
    responses((status = 200, body = Person), (status = 401), (status = 403),
        (status = 404, description = "`unknown_person`."))
)]
async fn person(
    State(state): State<AppState>,
    asking: Asking<ViewPerson>,
    Path(id): Path<String>,
) -> ApiResult<Response> {
    let mut conn = state.store.read().await?;
    let tree = state.tree(&mut conn).await?;
    let found = view::find(&mut conn, &tree, &id, &day(state.clock.now())).await?;
    let id = asking.about(found)?.person.id;
    tell(&state, &mut conn, &asking.actor, id, StatusCode::OK).await
}

/// Changes code, name, form of address and e-mail of somebody. `If-Match` names the state that is changed.
#[utoipa::path(
    put, path = "/people/{person}", tag = "person", request_body = PersonNames,
    params(("person" = String, Path, description = "Id of the person.")),
    responses(
        (status = 200, body = Person),
        (status = 400, description = "`bad_name`, `bad_person_code`, `bad_form_of_address`, `bad_email`."),
        (status = 401), (status = 403), (status = 404, description = "`unknown_person`."),
        (status = 409, description = "`person_code_taken`, `person_erased`."),
        (status = 412, description = "`changed_meanwhile`: `params` are how it is by now: `etag`, `name`, `code`, \
            `form_of_address`, `email`."),
        (status = 428, description = "`if_match_required`.")
    )
)]
async fn edit_person(
    State(state): State<AppState>,
    asking: Asking<EditPerson>,
    Path(id): Path<String>,
    if_match: IfMatch,
    Body(wanted): Body<PersonNames>,
) -> ApiResult<Response> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let permit = asking.about(view::find(&mut tx, &tree, &id, &day(now)).await?)?;
    actions::edit(&mut tx, &permit, &if_match, &wanted, now).await?;
    let answer = tell(
        &state,
        &mut tx,
        &asking.actor,
        permit.person.id,
        StatusCode::OK,
    )
    .await?;
    tx.commit().await?;
    Ok(answer)
}

/// Appoints somebody at a unit of the caller's.
#[utoipa::path(
    post, path = "/people/{person}/appointments", tag = "person", request_body = NewAppointment,
    params(("person" = String, Path, description = "Id of the person.")),
    responses(
        (status = 201, body = Person),
        (status = 400, description = "`bad_position`, `bad_subject`, `bad_day`, `ends_before_it_begins`, `unknown_unit`."),
        (status = 401), (status = 403), (status = 404, description = "`unknown_person`."),
        (status = 409, description = "`person_erased`.")
    )
)]
async fn appoint_person(
    State(state): State<AppState>,
    asking: Asking<AppointPerson>,
    Path(id): Path<String>,
    Body(wanted): Body<NewAppointment>,
) -> ApiResult<Response> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let found = view::find(&mut tx, &tree, &id, &day(now)).await?;
    let unit = unit_of_today(&tree, &wanted.unit)?;
    let permit = asking.about(ToAppoint {
        person: found.person.id,
        erased_at: found.person.erased_at,
        facts: AppointmentFacts {
            person: found.facts,
            unit: tree.lineage(unit),
        },
    })?;
    actions::appoint(&mut tx, &permit, unit, &wanted, now).await?;
    let answer = tell(
        &state,
        &mut tx,
        &asking.actor,
        permit.person,
        StatusCode::CREATED,
    )
    .await?;
    tx.commit().await?;
    Ok(answer)
}

/// Says which day of an appointment is the last.
#[utoipa::path(
    post, path = "/people/{person}/appointments/{appointment}/end", tag = "person", request_body = AppointmentEnd,
    params(("person" = String, Path, description = "Id of the person."),
        ("appointment" = String, Path, description = "Id of the appointment.")),
    responses(
        (status = 200, body = Person),
        (status = 400, description = "`bad_day`, `ends_before_it_begins`."),
        (status = 401), (status = 403),
        (status = 404, description = "`unknown_person`, `unknown_appointment`."),
        (status = 409, description = "`appointment_ended`.")
    )
)]
async fn end_appointment(
    State(state): State<AppState>,
    asking: Asking<EndAppointment>,
    Path((id, appointment)): Path<(String, String)>,
    Body(wanted): Body<AppointmentEnd>,
) -> ApiResult<Response> {
    let now = state.clock.now();
    let mut tx = state.store.write().await?;
    let tree = state.tree(&mut tx).await?;
    let found = view::find(&mut tx, &tree, &id, &day(now)).await?;
    let permit = asking.about(view::appointment_of(&found, &tree, &appointment)?)?;
    actions::end(&mut tx, &permit, &wanted, now).await?;
    let answer = tell(
        &state,
        &mut tx,
        &asking.actor,
        permit.person,
        StatusCode::OK,
    )
    .await?;
    tx.commit().await?;
    Ok(answer)
}

/// Somebody as they are by now, with the tag of that state.
async fn tell(
    state: &AppState,
    conn: &mut Conn,
    actor: &Actor,
    id: PersonId,
    status: StatusCode,
) -> ApiResult<Response> {
    let today = day(state.clock.now());
    let tree = state.tree(conn).await?;
    let seen = view::find(conn, &tree, &id.to_string(), &today).await?;
    let told = view::describe(conn, &tree, actor, &seen, &today).await?;
    let tag = told.etag.clone();
    Ok((status, [(header::ETAG, tag)], Json(told)).into_response())
}
