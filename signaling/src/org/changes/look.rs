//! What somebody decides, looked through: texts admitted, units found, steps worked out.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use office_core::days;
use office_core::decision::{Fault, Onset, Plan, Standing};
use office_core::org::{History, Lineage, Tree};
use protocol::api::{NewUnitChange, ProblemCode, UnitSpec, UnitStep};
use protocol::text::{self, Rule};
use protocol::{Day, UnitId};

use super::store;
use crate::access::Subject;
use crate::org::units::Org;
use crate::platform::database::Tx;
use crate::platform::error::{ApiError, ApiResult};
use crate::platform::extract::admit;

/// The number and sign of a document.
const DOCUMENT: Rule = Rule::line(80);
/// The name of a unit.
pub(super) const UNIT_NAME: Rule = Rule::line(160);
/// What a unit is.
pub(super) const KIND: Rule = Rule::line(40);
/// The most steps of one decision: two for each row of the longest file.
const MOST_STEPS: usize = 10_000;

/// A decision that was looked through.
#[derive(Debug)]
pub(crate) struct Considered {
    pub(super) change: NewUnitChange,
    pub(super) onset: Onset,
    pub(super) plan: Plan,
    pub(super) before: BTreeMap<String, Standing>,
    pub(super) ids: BTreeMap<String, UnitId>,
    /// The units before it.
    pub(super) tree: Tree,
    over: Vec<Lineage>,
}

impl Subject<Vec<Lineage>> for Considered {
    fn facts(&self) -> &Vec<Lineage> {
        &self.over
    }
}

/// Looks a decision through, on the tree as it is while the transaction lasts.
///
/// # Errors
/// Why it cannot be: `bad_document`, `bad_title`, `bad_day`, `bad_unit`, `bad_steps`, and what [`refusal`] says.
pub(super) async fn consider(
    tx: &mut Tx,
    org: &Org,
    wanted: NewUnitChange,
    today: &Day,
) -> ApiResult<Considered> {
    let change = admitted(wanted)?;
    let onset = onset(&change.day)?;
    store::lock(tx).await?;
    let history = org.history(tx).await?;
    let register = history.register();
    let plan = register.plan(&onset, &change.steps).map_err(refusal)?;
    let tree = history.on(&onset.day);
    let now = history.on(today);
    let ids: BTreeMap<String, UnitId> = history.codes();
    let mut over = Vec::new();
    for code in &plan.over {
        let Some(id) = ids.get(code) else { continue };
        over.push(tree.lineage(*id));
        // Whoever has the unit today must agree too.
        if now.unit(*id).is_some() {
            over.push(now.lineage(*id));
        }
    }
    Ok(Considered {
        before: register.on(&onset.day),
        change,
        onset,
        plan,
        ids,
        tree,
        over,
    })
}

/// The lineages, today, of the units over which a decision needs a right.
pub(super) fn lineages(history: &History, codes: &BTreeSet<String>, today: &Day) -> Vec<Lineage> {
    let (ids, tree) = (history.codes(), history.on(today));
    let known = codes.iter().filter_map(|code| ids.get(code));
    known.map(|id| tree.lineage_of_any_day(*id)).collect()
}

/// The day of a decision and the one before.
///
/// # Errors
/// `bad_day`.
pub(super) fn onset(day: &Day) -> ApiResult<Onset> {
    let bad =
        || ApiError::bad_request(ProblemCode::BadDay, "there is no such day").with("day", day);
    let day = days::parse(&day.0).ok_or_else(bad)?;
    Ok(Onset {
        eve: days::before(&day).ok_or_else(bad)?,
        day,
    })
}

fn admitted(wanted: NewUnitChange) -> ApiResult<NewUnitChange> {
    let NewUnitChange {
        document,
        title,
        day,
        steps,
    } = wanted;
    if !(1..=MOST_STEPS).contains(&steps.len()) {
        return Err(ApiError::bad_request(
            ProblemCode::BadSteps,
            "a decision has at least one step, and not too many",
        )
        .with("limit", MOST_STEPS));
    }
    Ok(NewUnitChange {
        document: admit(DOCUMENT, &document, ProblemCode::BadDocument)?,
        title: admit(text::TITLE, &title, ProblemCode::BadTitle)?,
        day,
        steps: steps.into_iter().map(step).collect::<ApiResult<_>>()?,
    })
}

fn step(step: UnitStep) -> ApiResult<UnitStep> {
    Ok(match step {
        UnitStep::Add { unit } => UnitStep::Add { unit: spec(unit)? },
        UnitStep::Rename { code, name, kind } => UnitStep::Rename {
            name: unit_text(UNIT_NAME, "name", &name, &code)?,
            kind: unit_text(KIND, "kind", &kind, &code)?,
            code,
        },
        UnitStep::Merge { codes, into } => UnitStep::Merge {
            codes,
            into: spec(into)?,
        },
        UnitStep::Split {
            code,
            into,
            heir,
            children,
        } => UnitStep::Split {
            into: into.into_iter().map(spec).collect::<ApiResult<_>>()?,
            code,
            heir,
            children,
        },
        UnitStep::Move { .. } | UnitStep::Close { .. } => step,
    })
}

fn spec(unit: UnitSpec) -> ApiResult<UnitSpec> {
    let code = code(&unit.code).ok_or_else(|| {
        bad_unit("code", &unit.code)
            .with("reason", "code")
            .with("limit", MOST_CODE)
    })?;
    Ok(UnitSpec {
        name: unit_text(UNIT_NAME, "name", &unit.name, &code)?,
        kind: unit_text(KIND, "kind", &unit.kind, &code)?,
        parent: unit.parent,
        code,
    })
}

/// The most letters of a code.
const MOST_CODE: usize = 32;

/// The code of a unit as it may be stored; none when it is no code.
pub(super) fn code(shown: &str) -> Option<String> {
    let code = text::key(shown)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (code.len() <= MOST_CODE && code.chars().all(plain)).then_some(code)
}

fn unit_text(rule: Rule, field: &str, text: &str, unit: &str) -> ApiResult<String> {
    rule.admit(text).map_err(|fault| {
        bad_unit(field, unit)
            .with("reason", fault.word())
            .with("limit", rule.max_chars)
    })
}

fn bad_unit(field: &str, unit: &str) -> ApiError {
    ApiError::bad_request(
        ProblemCode::BadUnit,
        "a unit's code, name or kind cannot be taken",
    )
    .with("field", field)
    .with("unit", unit)
}

/// Why a decision cannot be, as whoever decides is told.
pub(super) fn refusal(fault: Fault) -> ApiError {
    let title = fault.to_string();
    let conflict = |code| ApiError::new(StatusCode::CONFLICT, code, title.clone());
    match fault {
        Fault::Nothing => ApiError::bad_request(ProblemCode::NothingChanges, title),
        Fault::Unknown(unit) => {
            ApiError::bad_request(ProblemCode::UnknownUnit, title).with("unit", unit)
        }
        Fault::Alone(unit) => {
            ApiError::bad_request(ProblemCode::UnitAlone, title).with("unit", unit)
        }
        Fault::CodeTaken(unit) => conflict(ProblemCode::UnitCodeTaken).with("unit", unit),
        Fault::Root(unit) => conflict(ProblemCode::UnitRoot).with("unit", unit),
        Fault::Cycle(unit) => conflict(ProblemCode::UnitCycle).with("unit", unit),
        Fault::ChildrenLeft { unit, child, count } => conflict(ProblemCode::UnitsLeft)
            .with("unit", unit)
            .with("child", child)
            .with("count", count),
        Fault::LaterChange { unit, day } => conflict(ProblemCode::LaterChange)
            .with("unit", unit)
            .with("day", day),
    }
}
