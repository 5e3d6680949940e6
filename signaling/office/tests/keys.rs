//! What keys of other systems may: no more than a unit, a few scopes, and whoever made them.

use office_core::org::Lineage;
use office_core::rights::{
    Act, AddPerson, EnterRoom, Grant, Grants, HandRole, KeepOwnAccount, ListPeople, MakeKey,
    ManageAccount, ManageLinks, NAMES, ReadAudit, RevokeKey, SCOPES, SignOut, UnitFacts, ViewUnit,
};
use protocol::UnitId;
use protocol::api::AccountRole::{self, DepartmentAdmin, ItStaff, Trainer, UnitAdmin};
use protocol::api::ApiScope;
use uuid::Uuid;

const DEPARTMENT: UnitId = UnitId(Uuid::from_u128(1));
const COMMUNE: UnitId = UnitId(Uuid::from_u128(2));
const SCHOOL: UnitId = UnitId(Uuid::from_u128(3));

fn grants(held: &[(AccountRole, UnitId)]) -> Grants {
    Grants(
        held.iter()
            .map(|&(role, unit)| Grant { role, unit })
            .collect(),
    )
}

fn line(units: &[UnitId]) -> Lineage {
    Lineage(units.to_vec())
}

#[test]
fn key_for_a_part_of_the_department_is_no_key_of_the_department() {
    let chief = grants(&[(DepartmentAdmin, DEPARTMENT)]);
    let whole = chief.of_key(&line(&[DEPARTMENT])).unwrap();
    assert_eq!((whole.role, whole.unit), (DepartmentAdmin, DEPARTMENT));
    let part = chief.of_key(&line(&[COMMUNE, DEPARTMENT])).unwrap();
    assert_eq!((part.role, part.unit), (UnitAdmin, COMMUNE));
    assert!(ReadAudit::allows(&Grants(vec![whole]), &()));
    assert!(!ReadAudit::allows(&Grants(vec![part]), &()));
}

#[test]
fn key_ends_when_its_maker_administers_its_unit_no_more() {
    let school = line(&[SCHOOL, COMMUNE, DEPARTMENT]);
    let admin = grants(&[(UnitAdmin, COMMUNE)]);
    assert!(admin.of_key(&school).is_some());
    assert_eq!(admin.of_key(&line(&[DEPARTMENT])), None, "nothing above");
    assert_eq!(
        admin.of_key(&line(&[SCHOOL, DEPARTMENT])),
        None,
        "it moved away"
    );
    for other in [Trainer, ItStaff] {
        assert_eq!(grants(&[(other, DEPARTMENT)]).of_key(&school), None);
    }
    assert_eq!(Grants::default().of_key(&school), None);
}

#[test]
fn scope_is_for_the_actions_that_it_names_and_no_others() {
    let held = [ApiScope::PeopleRead];
    assert!(ListPeople::lies_within(Some(&held)));
    assert!(!AddPerson::lies_within(Some(&held)));
    assert!(AddPerson::lies_within(None), "people need no scope");
    let all = ApiScope::ALL;
    let never = [
        SignOut::lies_within(Some(&all)),
        KeepOwnAccount::lies_within(Some(&all)),
        ManageAccount::lies_within(Some(&all)),
        HandRole::lies_within(Some(&all)),
        MakeKey::lies_within(Some(&all)),
        RevokeKey::lies_within(Some(&all)),
        EnterRoom::lies_within(Some(&all)),
        ManageLinks::lies_within(Some(&all)),
    ];
    assert_eq!(never, [false; 8], "no scope lets a key be a person");
}

#[test]
fn every_scope_is_needed_for_something_and_has_one_word() {
    for scope in ApiScope::ALL {
        assert!(SCOPES.iter().any(|(_, of)| *of == Some(scope)), "{scope:?}");
        assert_eq!(ApiScope::of(scope.word()), Some(scope));
    }
    assert_eq!(SCOPES.len(), NAMES.len());
}

#[test]
fn key_sees_no_unit_beside_its_own_though_its_maker_does() {
    let admin = grants(&[(UnitAdmin, COMMUNE)]);
    let mut department = UnitFacts {
        lineage: line(&[DEPARTMENT]),
        above_own: true,
        by_key: false,
    };
    assert!(ViewUnit::allows(&admin, &department));
    department.by_key = true;
    assert!(!ViewUnit::allows(&admin, &department));
    let school = UnitFacts {
        lineage: line(&[SCHOOL, COMMUNE, DEPARTMENT]),
        above_own: false,
        by_key: true,
    };
    assert!(ViewUnit::allows(&admin, &school));
}
