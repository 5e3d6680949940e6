//! Who may do what, by people and places.

use office_core::org::Lineage;
use office_core::rights::{
    Act, CandidateFacts, ComposeRecording, CreateSession, EndSession, EnterRoom, ExplainMedia,
    Grant, Grants, InspectRecordings, Invitation, InvitePoint, ManageLinks, NameOfficer,
    OpenMonitor, PublishMedia, SessionFacts, Ties, ViewAttendance, ViewRecording, ViewSession,
    WatchMedia,
};
use proptest::prelude::*;
use protocol::UnitId;
use protocol::api::AccountRole::{self, DepartmentAdmin, ItStaff, Member, Trainer, UnitAdmin};
use protocol::client::SessionRole;
use uuid::Uuid;

const DEPARTMENT: UnitId = UnitId(Uuid::from_u128(1));
const COMMUNE: UnitId = UnitId(Uuid::from_u128(2));
const SCHOOL: UnitId = UnitId(Uuid::from_u128(3));
const OTHER_COMMUNE: UnitId = UnitId(Uuid::from_u128(4));

fn grants(held: &[(AccountRole, UnitId)]) -> Grants {
    Grants(
        held.iter()
            .map(|&(role, unit)| Grant { role, unit })
            .collect(),
    )
}

fn school() -> Lineage {
    Lineage(vec![SCHOOL, COMMUNE, DEPARTMENT])
}

fn other_commune() -> Lineage {
    Lineage(vec![OTHER_COMMUNE, DEPARTMENT])
}

#[test]
fn unit_admin_rules_the_own_subtree_and_nothing_beside_it() {
    let admin = grants(&[(UnitAdmin, COMMUNE)]);
    let may =
        |unit: &Lineage| CreateSession::allows(&admin, unit) && InvitePoint::allows(&admin, unit);
    assert!(may(&school()));
    assert!(!may(&other_commune()));
    assert!(
        !may(&Lineage(vec![DEPARTMENT])),
        "not the unit above either"
    );
    assert!(
        !may(&Lineage::default()),
        "what belongs to no unit is nobody's"
    );
}

#[test]
fn member_takes_part_and_administers_nothing() {
    let member = grants(&[(Member, SCHOOL)]);
    let session = SessionFacts {
        convening: Lineage(vec![DEPARTMENT]),
        invited: vec![school()],
        role: Some(SessionRole::Point),
        invitation: Invitation::Place,
        ..SessionFacts::default()
    };
    assert!(ViewSession::allows(&member, &session));
    assert!(EnterRoom::allows(&member, &session));
    assert!(PublishMedia::allows(&member, &session));
    assert!(!EndSession::allows(&member, &session));
    assert!(!ManageLinks::allows(&member, &session));
    assert!(!ComposeRecording::allows(&member, &session));
    assert!(!ExplainMedia::allows(&member, &session));
    assert!(!OpenMonitor::allows(&member, &()));
}

#[test]
fn session_of_strangers_stays_closed() {
    let trainer = grants(&[(Trainer, OTHER_COMMUNE)]);
    let session = SessionFacts {
        convening: Lineage(vec![COMMUNE, DEPARTMENT]),
        invited: vec![school()],
        ..SessionFacts::default()
    };
    let closed = [
        ViewSession::allows(&trainer, &session),
        ViewRecording::allows(&trainer, &session),
        InspectRecordings::allows(&trainer, &session),
        ViewAttendance::allows(&trainer, &session),
        EnterRoom::allows(&trainer, &session),
        WatchMedia::allows(&trainer, &session),
        PublishMedia::allows(&trainer, &session),
        EndSession::allows(&trainer, &session),
        ManageLinks::allows(&trainer, &session),
        ComposeRecording::allows(&trainer, &session),
        ExplainMedia::allows(&trainer, &session),
    ];
    assert_eq!(closed, [false; 11]);
}

#[test]
fn recording_is_for_those_invited_and_those_who_answer_for_the_session() {
    let convening = Lineage(vec![COMMUNE, DEPARTMENT]);
    let invited = vec![school(), other_commune()];
    let may = |held: &[(AccountRole, UnitId)], invitation, teaches, guests_may_replay| {
        let session = SessionFacts {
            convening: convening.clone(),
            invited: invited.clone(),
            role: None,
            invitation,
            teaches,
            supports: false,
            guests_may_replay,
        };
        let held = grants(held);
        (
            ViewRecording::allows(&held, &session),
            InspectRecordings::allows(&held, &session),
        )
    };
    let (all, health, nothing) = ((true, true), (false, true), (false, false));
    let ask = |held: &[_], invitation| may(held, invitation, false, false);
    use Invitation::{Guest, Person, Place};
    let uninvited = Invitation::None;
    // By invitation.
    assert_eq!(ask(&[(Member, SCHOOL)], uninvited), nothing);
    assert_eq!(ask(&[(Member, SCHOOL)], Place), all);
    assert_eq!(ask(&[], Person), all);
    assert_eq!(ask(&[], Guest), nothing);
    assert_eq!(may(&[], Guest, false, true), all);
    assert_eq!(may(&[], uninvited, false, true), nothing);
    // By office: own and foreign subtree.
    assert_eq!(ask(&[(DepartmentAdmin, DEPARTMENT)], uninvited), all);
    assert_eq!(ask(&[(UnitAdmin, COMMUNE)], uninvited), all);
    assert_eq!(ask(&[(UnitAdmin, OTHER_COMMUNE)], uninvited), nothing);
    assert_eq!(ask(&[(UnitAdmin, SCHOOL)], uninvited), nothing);
    // IT staff: health and size, also where they work.
    assert_eq!(ask(&[(ItStaff, DEPARTMENT)], uninvited), health);
    assert_eq!(ask(&[(ItStaff, DEPARTMENT)], Place), health);
    assert_eq!(ask(&[(ItStaff, OTHER_COMMUNE)], uninvited), nothing);
    assert_eq!(ask(&[(ItStaff, OTHER_COMMUNE)], Place), nothing);
    assert_eq!(ask(&[(ItStaff, DEPARTMENT)], Person), all, "asked by name");
    assert_eq!(
        ask(&[(ItStaff, DEPARTMENT), (UnitAdmin, COMMUNE)], Place),
        all
    );
    // Trainers: those of their classes.
    assert_eq!(ask(&[(Trainer, DEPARTMENT)], uninvited), nothing);
    assert_eq!(may(&[(Trainer, DEPARTMENT)], uninvited, true, false), all);
    assert_eq!(may(&[(Member, SCHOOL)], uninvited, true, false), nothing);
}

#[test]
fn viewer_watches_but_publishes_nothing() {
    let session = SessionFacts {
        role: Some(SessionRole::Viewer),
        ..SessionFacts::default()
    };
    assert!(WatchMedia::allows(&Grants::default(), &session));
    assert!(!PublishMedia::allows(&Grants::default(), &session));
}

fn any_ties() -> impl Strategy<Value = Ties> {
    proptest::array::uniform9(any::<bool>()).prop_map(
        |[
            chairs,
            keeps_minutes,
            presents,
            supports,
            administers,
            at_point,
            enrolled,
            named,
            of_unit,
        ]| Ties {
            chairs,
            keeps_minutes,
            presents,
            supports,
            administers,
            at_point,
            enrolled,
            named,
            of_unit,
        },
    )
}

#[test]
fn people_are_named_of_the_convening_unit_and_of_where_one_holds_an_office() {
    let of = |units: &[UnitId]| CandidateFacts {
        units: vec![Lineage(units.to_vec())],
        convening: Some(COMMUNE),
    };
    let may = |held: &[(AccountRole, UnitId)], units: &[UnitId]| {
        NameOfficer::allows(&grants(held), &of(units))
    };
    let (school, elsewhere) = ([SCHOOL, COMMUNE, DEPARTMENT], [OTHER_COMMUNE, DEPARTMENT]);
    assert!(
        may(&[], &school),
        "whoever manages a session of the commune"
    );
    assert!(!may(&[], &elsewhere));
    assert!(!may(&[(UnitAdmin, COMMUNE)], &elsewhere));
    assert!(!may(&[(Member, DEPARTMENT)], &elsewhere));
    assert!(may(&[(Trainer, DEPARTMENT)], &elsewhere));
    let nowhere = CandidateFacts {
        convening: Some(COMMUNE),
        ..CandidateFacts::default()
    };
    assert!(!NameOfficer::allows(
        &grants(&[(DepartmentAdmin, DEPARTMENT)]),
        &nowhere
    ));
}

proptest! {
    /// Another tie never takes anything away.
    #[test]
    fn who_has_one_more_tie_may_do_no_less(ties in any_ties(), more in any_ties()) {
        let both = Ties {
            chairs: ties.chairs || more.chairs,
            keeps_minutes: ties.keeps_minutes || more.keeps_minutes,
            presents: ties.presents || more.presents,
            supports: ties.supports || more.supports,
            administers: ties.administers || more.administers,
            at_point: ties.at_point || more.at_point,
            enrolled: ties.enrolled || more.enrolled,
            named: ties.named || more.named,
            of_unit: ties.of_unit || more.of_unit,
        };
        let rank = |role: Option<SessionRole>| match role {
            None => 0,
            Some(SessionRole::Viewer) => 1,
            Some(SessionRole::Point | SessionRole::Presenter) => 2,
            Some(SessionRole::Secretary) => 3,
            Some(SessionRole::Chair) => 4,
        };
        prop_assert!(rank(both.role()) >= rank(ties.role()));
        let nobody = Grants::default();
        let facts = |ties: Ties| SessionFacts { role: ties.role(), invitation: ties.invitation(), ..SessionFacts::default() };
        for (before, after) in [
            (ViewSession::allows(&nobody, &facts(ties)), ViewSession::allows(&nobody, &facts(both))),
            (ViewRecording::allows(&nobody, &facts(ties)), ViewRecording::allows(&nobody, &facts(both))),
            (EnterRoom::allows(&nobody, &facts(ties)), EnterRoom::allows(&nobody, &facts(both))),
        ] {
            prop_assert!(after || !before);
        }
    }

    /// A role over a unit reaches exactly the units below it.
    #[test]
    fn office_reaches_its_subtree_and_no_further(root in 0_usize..4, at in 0_usize..4) {
        let units = [vec![DEPARTMENT], vec![COMMUNE, DEPARTMENT], vec![SCHOOL, COMMUNE, DEPARTMENT], vec![OTHER_COMMUNE, DEPARTMENT]];
        let admin = grants(&[(UnitAdmin, units[root][0])]);
        let below = units[at].contains(&units[root][0]);
        prop_assert_eq!(CreateSession::allows(&admin, &Lineage(units[at].clone())), below);
    }
}
