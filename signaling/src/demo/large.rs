//! A province as large as the largest: what lists are measured with. No meeting of it can be entered; it fills the tables.

use anyhow::ensure;
use protocol::api::{AccountRole, Secrecy};
use protocol::client::{Preset, SessionKind};
use protocol::{AccountId, PointId, UnitId, UtcMicros};

use super::{BEGINNING, DemoAccount, Names, date, version};
use crate::Store;
use crate::access::{Permit, Reason};
use crate::org::accounts::actions::{EVERYWHERE, NewAccount, add};
use crate::org::points::{NewPoint, Relation};
use crate::org::units::Org;
use crate::org::{people, points, units};
use crate::platform::clock::{day, hours, minutes};
use crate::platform::database::Tx;
use crate::schedule::sessions::NewSession;
use crate::schedule::sessions::actions::{self, Convener};

/// Units, each with a bridge point.
const UNITS: usize = 800;
/// Of these, communes; the rest are schools.
const COMMUNES: usize = 80;
/// People, over all units alike.
const PEOPLE: usize = 10_000;
/// Sessions, an hour and a half apart, half of them over.
const SESSIONS: usize = 5_000;
/// The points of a session.
const INVITED: usize = 12;
/// How much one transaction adds.
const AT_ONCE: usize = 250;

/// Fills an empty database; answers with an administrator of the department and somebody who takes part at a school.
///
/// # Errors
/// When the database holds data already, or fails.
pub async fn seed(store: &Store, now: UtcMicros) -> anyhow::Result<Vec<DemoAccount>> {
    let mut tx = store.write().await?;
    ensure!(
        Org::default().tree(&mut tx, &day(now)).await?.is_empty(),
        "this database holds other data already"
    );
    let (units, points) = places(&mut tx, now).await?;
    tx.commit().await?;
    inhabit(store, &units, now).await?;
    let mut tx = store.write().await?;
    let mut accounts = Vec::new();
    for (login, role, unit) in [
        ("giamdoc", AccountRole::DepartmentAdmin, 0),
        ("giaovien", AccountRole::Member, UNITS - 1),
    ] {
        accounts.push(account(&mut tx, login, role, unit, now).await?);
    }
    tx.commit().await?;
    let chair = accounts.first().map(|(id, _)| *id);
    plan(store, &units, &points, chair, now).await?;
    Ok(accounts.into_iter().map(|(_, shown)| shown).collect())
}

fn code_of(unit: usize) -> String {
    format!("DV-{unit:03}")
}

/// The department, its communes and their schools, with a point each.
async fn places(tx: &mut Tx, now: UtcMicros) -> anyhow::Result<(Vec<UnitId>, Vec<PointId>)> {
    let (mut made, mut points_made) = (Vec::new(), Vec::new());
    for number in 0..UNITS {
        let code = code_of(number);
        let unit = units::insert(tx, &code, now).await?;
        let (kind, parent) = match number {
            0 => ("department", None),
            commune if commune <= COMMUNES => ("commune_unit", Some(made[0])),
            school => ("school", Some(made[1 + school % COMMUNES])),
        };
        let name = format!("Đơn vị số {number}");
        version(tx, unit, &name, kind, parent, (BEGINNING, None)).await?;
        let point = NewPoint {
            code: &format!("DC-{:03}", number + 1),
            name: &name,
            main: number == 0,
            number: i64::try_from(number + 1)?,
        };
        let point = points::insert(tx, point, now).await?;
        points::insert_unit(tx, point, unit, Relation::Host, &date(BEGINNING), None).await?;
        made.push(unit);
        points_made.push(point);
    }
    Ok((made, points_made))
}

async fn inhabit(store: &Store, units: &[UnitId], now: UtcMicros) -> anyhow::Result<()> {
    let mut names = Names(0);
    for begin in (0..PEOPLE).step_by(AT_ONCE) {
        let mut tx = store.write().await?;
        for number in begin..(begin + AT_ONCE).min(PEOPLE) {
            let name = names.next();
            let person = people::insert(&mut tx, &name, None, now).await?;
            let unit = units[number % units.len()];
            people::appoint(&mut tx, person, unit, "Giáo viên", &date(BEGINNING)).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn account(
    tx: &mut Tx,
    login: &str,
    role: AccountRole,
    unit: usize,
    now: UtcMicros,
) -> anyhow::Result<(AccountId, DemoAccount)> {
    let tree = Org::default().tree(tx, &day(now)).await?;
    let permit = Permit::system(Reason::CommandLine, EVERYWHERE);
    let new = NewAccount {
        login,
        name: login,
        role,
        unit: &code_of(unit),
        person: None,
    };
    let (id, password) = add(tx, &permit, &tree, new, now).await?;
    let shown = DemoAccount {
        login: login.to_owned(),
        password,
        role,
        bridge_point: None,
    };
    Ok((id, shown))
}

/// Every third session is the department's, the others a commune's; each invites points that lie apart.
async fn plan(
    store: &Store,
    units: &[UnitId],
    points: &[PointId],
    chair: Option<AccountId>,
    now: UtcMicros,
) -> anyhow::Result<()> {
    let begin = now.minus(minutes(90) * u32::try_from(SESSIONS / 2)?);
    for batch in (0..SESSIONS).step_by(AT_ONCE) {
        let mut tx = store.write().await?;
        let tree = Org::default().tree(&mut tx, &day(now)).await?;
        for number in batch..(batch + AT_ONCE).min(SESSIONS) {
            let unit = match number % 3 {
                0 => 0,
                _ => 1 + number % COMMUNES,
            };
            let starts_at = begin.plus(minutes(90) * u32::try_from(number)?);
            let invited: Vec<PointId> = (0..INVITED)
                .map(|seat| points[(number * 7 + seat * 61) % points.len()])
                .collect();
            let session = NewSession {
                code: &format!("LON-{number:04}"),
                title: "Họp giao ban chuyên môn",
                kind: SessionKind::Meeting,
                preset: Preset::Discussion,
                secrecy: Secrecy::Normal,
                convening_unit: units[unit],
                chair,
                secretary: None,
                class: None,
                starts_at,
                ends_at: starts_at.plus(hours(1)),
                auto_record: false,
                keep_days: None,
                guests_may_replay: false,
                max_interactive: 60,
                max_receive_only: 1_000,
                created_by: chair,
                points: &invited,
            };
            let permit = Permit::system(Reason::CommandLine, Convener::new(units[unit], &tree));
            actions::plan(&mut tx, &permit, session, now).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}
