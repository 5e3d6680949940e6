//! What can be done with bridge points.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use office_core::days;
use office_core::org::Tree;
use office_core::rights::{ManageMainPoint, ManagePoint, PointFacts};
use protocol::api::{Equipment, PointRoom, PointSpec, ProblemCode};
use protocol::text::{self, Rule};
use protocol::{Day, PointId, UnitId, UtcMicros};
use serde_json::json;

use super::store::{self, RoomRow, Row};
use crate::access::{Permit, Subject};
use crate::org::points::store::{self as points, NewPoint, Relation};
use crate::platform::clock::day;
use crate::platform::database::{Conn, StoreError, Tx};
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;

/// The name of a point or a room.
const NAME: Rule = Rule::line(120);
/// The highest number of a point: three figures on every plate.
const MOST_NUMBER: u32 = 999;
/// The most seats of a room.
const MOST_SEATS: u32 = 10_000;
/// The most units and rooms of one point.
const MOST: usize = 200;
/// The most entries of equipment of a room, and the most pieces of one.
const MOST_EQUIPMENT: usize = 100;

/// Where a point is to stand.
#[derive(Debug)]
pub(crate) struct Place {
    unit: UnitId,
    facts: PointFacts,
}

impl Subject<PointFacts> for Place {
    fn facts(&self) -> &PointFacts {
        &self.facts
    }
}

/// The unit with this code, as the host of a point.
///
/// # Errors
/// `unknown_unit`.
pub(super) fn place(tree: &Tree, code: &str) -> ApiResult<Place> {
    let unit = unit(tree, code)?;
    Ok(Place {
        facts: facts(tree, Some(unit)),
        unit,
    })
}

fn facts(tree: &Tree, host: Option<UnitId>) -> PointFacts {
    PointFacts {
        host: tree.lineage_of_host(host),
        own: false,
    }
}

fn unit(tree: &Tree, code: &str) -> ApiResult<UnitId> {
    tree.by_code(code).map(|unit| unit.id).ok_or_else(|| {
        ApiError::bad_request(ProblemCode::UnknownUnit, "no unit has this code today")
            .with("unit", code)
    })
}

/// A point, and what of it matters to rights.
#[derive(Debug)]
pub(crate) struct Found {
    pub(super) row: Row,
    facts: PointFacts,
}

impl Subject<PointFacts> for Found {
    fn facts(&self) -> &PointFacts {
        &self.facts
    }
}

/// The point with this code, also a closed one.
///
/// # Errors
/// 404 `unknown_point`.
pub(super) async fn find(
    conn: &mut Conn,
    tree: &Tree,
    code: &str,
    today: &Day,
) -> ApiResult<Found> {
    let row = store::by_code(conn, code, today).await?;
    let row =
        row.ok_or_else(|| ApiError::not_found(ProblemCode::UnknownPoint).with("point", code))?;
    let facts = facts(tree, row.host_unit_id);
    Ok(Found { row, facts })
}

/// Adds a point.
///
/// # Errors
/// `bad_point`, `unknown_unit`, `bad_day`; `point_code_taken`, `point_number_taken`, `room_code_taken`,
/// `main_point_taken`.
pub(super) async fn add(
    tx: &mut Tx,
    permit: &Permit<ManagePoint, Place>,
    tree: &Tree,
    wanted: PointSpec,
    now: UtcMicros,
) -> ApiResult<()> {
    let wanted = admitted(wanted)?;
    let today = day(now);
    if store::by_code(tx, &wanted.code, &today).await?.is_some() {
        return Err(taken(ProblemCode::PointCodeTaken, "code", &wanted.code));
    }
    check_main(tx, permit, &wanted, permit.facts()).await?;
    let new = NewPoint {
        code: &wanted.code,
        name: &wanted.name,
        main: wanted.main,
        number: i64::from(wanted.number),
    };
    let id = match points::insert(tx, new, now).await {
        Err(StoreError::Duplicate(_)) => {
            return Err(taken(
                ProblemCode::PointNumberTaken,
                "number",
                &wanted.number.to_string(),
            ));
        }
        result => result?,
    };
    let since = since(&wanted, &today)?;
    tie(tx, id, permit.unit, Relation::Host, &since).await?;
    for unit in served(tree, &wanted, permit.unit)? {
        tie(tx, id, unit, Relation::Served, &since).await?;
    }
    put_rooms(tx, id, &wanted.rooms).await?;
    let after = serde_json::to_value(&wanted).map_err(ApiError::internal)?;
    let resource = format!("bridge_point:{}", wanted.code);
    permit
        .note_as(tx, "add_point", &resource, (None, Some(after)), now)
        .await?;
    Ok(())
}

/// Changes a point. Units that it has today and that are not wanted any more end on the eve; rooms that are not named stay.
///
/// # Errors
/// As for adding one; `not_allowed` when the new host is foreign; `later_change` when its units change later already.
pub(super) async fn edit(
    tx: &mut Tx,
    permit: &Permit<ManagePoint, Found>,
    tree: &Tree,
    wanted: PointSpec,
    now: UtcMicros,
) -> ApiResult<()> {
    let row = &permit.row;
    let wanted = admitted(PointSpec {
        code: row.code.clone(),
        ..wanted
    })?;
    let new = place(tree, &wanted.host)?;
    if !permit.may::<ManagePoint>(&new.facts) {
        return Err(ApiError::forbidden());
    }
    check_main(tx, permit, &wanted, &new.facts).await?;
    let number = i64::from(wanted.number);
    match store::update(tx, row.id, &wanted.name, number, wanted.main).await {
        Err(StoreError::Duplicate(_)) => {
            return Err(taken(
                ProblemCode::PointNumberTaken,
                "number",
                &wanted.number.to_string(),
            ));
        }
        result => result?,
    }
    let mut units: BTreeSet<(bool, UnitId)> = BTreeSet::from([(true, new.unit)]);
    units.extend(
        served(tree, &wanted, new.unit)?
            .into_iter()
            .map(|unit| (false, unit)),
    );
    retie(tx, row.id, units, &since(&wanted, &day(now))?).await?;
    put_rooms(tx, row.id, &wanted.rooms).await?;
    let before = json!({ "name": row.name, "number": row.number, "host": row.host_unit_id.map(|unit| tree.name(unit).code) });
    let after = serde_json::to_value(&wanted).map_err(ApiError::internal)?;
    let resource = format!("bridge_point:{}", row.code);
    permit
        .note_as(
            tx,
            "edit_point",
            &resource,
            (Some(before), Some(after)),
            now,
        )
        .await?;
    Ok(())
}

/// Closes a point. One that was closed before stays so.
///
/// # Errors
/// 409 `point_in_use` when sessions that run or are to come invite it, unless that is said to be meant.
pub(super) async fn close(
    tx: &mut Tx,
    permit: &Permit<ManagePoint, Found>,
    even_in_use: bool,
    now: UtcMicros,
) -> ApiResult<()> {
    let row = &permit.row;
    let (count, next) = store::in_use(tx, row.id, now).await?;
    if let (Some(title), false) = (next, even_in_use) {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            ProblemCode::PointInUse,
            "sessions that run or are to come invite the bridge point",
        )
        .with("count", count)
        .with("title", title));
    }
    if store::close(tx, row.id).await? {
        let after = json!({ "closed": true, "sessions": count });
        let resource = format!("bridge_point:{}", row.code);
        permit
            .note_as(tx, "close_point", &resource, (None, Some(after)), now)
            .await?;
    }
    Ok(())
}

/// The main point is one, and the department's.
async fn check_main<R>(
    tx: &mut Tx,
    permit: &Permit<ManagePoint, R>,
    wanted: &PointSpec,
    place: &PointFacts,
) -> ApiResult<()> {
    if !wanted.main {
        return Ok(());
    }
    if !permit.may::<ManageMainPoint>(place) {
        return Err(ApiError::forbidden());
    }
    match store::other_main(tx, &wanted.code).await? {
        Some(name) => Err(taken(ProblemCode::MainPointTaken, "point", &name)),
        None => Ok(()),
    }
}

fn taken(code: ProblemCode, name: &str, value: &str) -> ApiError {
    ApiError::new(
        StatusCode::CONFLICT,
        code,
        "another bridge point or room has this already",
    )
    .with(name, value)
}

/// The first day of what is wanted: today, or a later one.
fn since(wanted: &PointSpec, today: &Day) -> ApiResult<Day> {
    let Some(day) = &wanted.day else {
        return Ok(today.clone());
    };
    let known = days::parse(&day.0).filter(|day| day >= today);
    known.ok_or_else(|| {
        ApiError::bad_request(
            ProblemCode::BadDay,
            "the units of a point change today or later",
        )
        .with("day", day)
    })
}

fn served(tree: &Tree, wanted: &PointSpec, host: UnitId) -> ApiResult<BTreeSet<UnitId>> {
    let units = wanted.served.iter().map(|code| unit(tree, code));
    let mut units: BTreeSet<UnitId> = units.collect::<ApiResult<_>>()?;
    units.remove(&host);
    Ok(units)
}

async fn tie(
    tx: &mut Tx,
    point: PointId,
    unit: UnitId,
    relation: Relation,
    since: &Day,
) -> ApiResult<()> {
    Ok(points::insert_unit(tx, point, unit, relation, since, None).await?)
}

/// Lets a point have these units from `since` on: whether they host it, and which.
async fn retie(
    tx: &mut Tx,
    point: PointId,
    mut wanted: BTreeSet<(bool, UnitId)>,
    since: &Day,
) -> ApiResult<()> {
    let eve = days::before(since).ok_or_else(|| ApiError::internal("a day has none before it"))?;
    for known in store::ties(tx, Some(point)).await? {
        if known.valid_to.as_ref().is_some_and(|last| last < since) {
            continue;
        }
        if known.valid_from > *since {
            return Err(ApiError::new(
                StatusCode::CONFLICT,
                ProblemCode::PointChangesLater,
                "the units of the bridge point change later already",
            )
            .with("day", &known.valid_from));
        }
        let is_host = known.relation.0 == Relation::Host;
        if known.valid_to.is_none() && wanted.remove(&(is_host, known.unit_id)) {
            continue;
        }
        if known.valid_from == *since {
            store::drop_tie(tx, known.id).await?;
        } else {
            store::end_tie(tx, known.id, &eve).await?;
        }
    }
    for (is_host, unit) in wanted {
        let relation = match is_host {
            true => Relation::Host,
            false => Relation::Served,
        };
        tie(tx, point, unit, relation, since).await?;
    }
    Ok(())
}

async fn put_rooms(tx: &mut Tx, point: PointId, rooms: &[PointRoom]) -> ApiResult<()> {
    let known = store::rooms(tx, Some(point)).await?;
    for room in rooms {
        let equipment = serde_json::to_string(&room.equipment).map_err(ApiError::internal)?;
        let id = known
            .iter()
            .find(|one| one.code == room.code)
            .map(|one| one.id);
        let new = RoomRow {
            code: &room.code,
            name: &room.name,
            seats: i64::from(room.seats),
            dual_use: room.dual_use,
            asset_code: room.asset_code.as_deref(),
            equipment: &equipment,
        };
        match store::put_room(tx, point, id, new).await {
            Err(StoreError::Duplicate(_)) => {
                return Err(taken(ProblemCode::RoomCodeTaken, "room", &room.code));
            }
            result => result?,
        }
    }
    Ok(())
}

fn admitted(wanted: PointSpec) -> ApiResult<PointSpec> {
    if !(1..=MOST_NUMBER).contains(&wanted.number) {
        return Err(bad("number", MOST_NUMBER));
    }
    if wanted.served.len() > MOST || wanted.rooms.len() > MOST {
        return Err(bad("served", MOST));
    }
    let mut codes = BTreeSet::new();
    let rooms = wanted.rooms.into_iter().map(|room| {
        let room = PointRoom {
            code: code(&room.code)?,
            name: admit(NAME, &room.name, ProblemCode::BadPoint)?,
            asset_code: asset(room.asset_code.as_deref())?,
            equipment: equipped(room.equipment)?,
            ..room
        };
        if room.seats > MOST_SEATS {
            return Err(bad("seats", MOST_SEATS));
        }
        if !codes.insert(room.code.clone()) {
            return Err(taken(ProblemCode::RoomCodeTaken, "room", &room.code));
        }
        Ok(room)
    });
    Ok(PointSpec {
        rooms: rooms.collect::<ApiResult<_>>()?,
        code: code(&wanted.code)?,
        name: admit(NAME, &wanted.name, ProblemCode::BadPoint)?,
        ..wanted
    })
}

/// A number in the register of assets, if there is one.
fn asset(code: Option<&str>) -> ApiResult<Option<String>> {
    match code.map(str::trim) {
        None | Some("") => Ok(None),
        Some(code) => admit(Rule::line(64), code, ProblemCode::BadPoint).map(Some),
    }
}

fn equipped(equipment: Vec<Equipment>) -> ApiResult<Vec<Equipment>> {
    if equipment.len() > MOST_EQUIPMENT {
        return Err(bad("equipment", MOST_EQUIPMENT));
    }
    let piece = |piece: Equipment| match piece.count {
        count if (1..=MOST_EQUIPMENT).contains(&(count as usize)) => Ok(Equipment {
            name: admit(NAME, &piece.name, ProblemCode::BadPoint)?,
            asset_code: asset(piece.asset_code.as_deref())?,
            count,
        }),
        _ => Err(bad("count", MOST_EQUIPMENT)),
    };
    equipment.into_iter().map(piece).collect()
}

fn bad(field: &str, limit: impl ToString) -> ApiError {
    ApiError::bad_request(
        ProblemCode::BadPoint,
        "a bridge point or room cannot be like this",
    )
    .with("reason", field)
    .with("limit", limit)
}

/// The most letters of a code.
const MOST_CODE: usize = 32;

fn code(shown: &str) -> ApiResult<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    text::key(shown)
        .filter(|code| code.len() <= MOST_CODE && code.chars().all(plain))
        .ok_or_else(|| bad("code", MOST_CODE))
}
