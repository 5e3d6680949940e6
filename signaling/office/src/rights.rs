//! Who may do what: the only source of decisions about rights.
//!
//! Each action is a type with its rule: [`Act::allows`] says whether somebody who holds these [`Grants`] may do it to what
//! these facts are of. Rights come from dated roles, each of which holds for a unit and all below it, and from the part
//! somebody has in a session. What a part may do in the live room, the room itself decides.
//!
//! A key of another system holds one role at one unit ([`Grants::of_key`]) and asks only for actions that one of its scopes
//! names ([`Act::SCOPE`]). An action without a scope is no key's: one's own account, accounts and roles, keys, rooms.

use protocol::UnitId;
use protocol::api::{AccountRole, ApiScope};
use protocol::client::SessionRole;

use crate::accounts::covers;
use crate::org::Lineage;

/// A role and the root of the subtree in which it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: AccountRole,
    /// The unit at the root.
    pub unit: UnitId,
}

/// The roles somebody holds today; none for somebody who came by a link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants(pub Vec<Grant>);

/// What of a session matters to rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// The convening unit.
    pub convening: Lineage,
    /// The host units of the invited points.
    pub invited: Vec<Lineage>,
    /// The part in it of whoever asks.
    pub role: Option<SessionRole>,
    /// How whoever asks is invited.
    pub invitation: Invitation,
    /// Whether it belongs to a class that whoever asks teaches.
    pub teaches: bool,
    /// Whether whoever asks looks after its technique.
    pub supports: bool,
    /// Whether guests may see its recordings.
    pub guests_may_replay: bool,
}

/// How somebody is invited to a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Invitation {
    /// Not at all; also an encoder or a player, whose token is for media alone.
    #[default]
    None,
    /// By a link that names neither person nor point.
    Guest,
    /// Through a point or unit that is named: its device, and the people appointed there.
    Place,
    /// By name: the chair, a trainee of the class, the person of a link or on a point's list.
    Person,
}

/// What of a bridge point matters to rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PointFacts {
    /// The host unit; empty when nobody hosts it.
    pub host: Lineage,
    /// Whether whoever asks belongs to it.
    pub own: bool,
}

/// What of a person matters to whoever would name them for a part in a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CandidateFacts {
    /// The units at which they are appointed.
    pub units: Vec<Lineage>,
    /// The unit that convenes the session.
    pub convening: Option<UnitId>,
}

/// What of a class matters to rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClassFacts {
    /// The unit that gives it.
    pub unit: Lineage,
    /// Whether whoever asks is a trainee of it.
    pub enrolled: bool,
}

/// What of a person matters to rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFacts {
    /// The units at which they are appointed today or later; those at which they were, when all is over.
    pub units: Vec<Lineage>,
}

/// What of an import matters to rights.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportFacts {
    /// Whether whoever asks made it.
    pub mine: bool,
}

/// What of somebody's appointment to be matters to rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppointmentFacts {
    /// Who.
    pub person: PersonFacts,
    /// Where.
    pub unit: Lineage,
}

/// What of a unit matters to rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitFacts {
    /// It and those above it, on the day for which it is looked at.
    pub lineage: Lineage,
    /// Whether it stands above a unit at which whoever asks holds a role, or is one.
    pub above_own: bool,
    /// Whether a key asks, which sees its own part of the tree alone.
    pub by_key: bool,
}

/// What of whoever asks matters to what is theirs alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Oneself {
    /// Whether they signed in with an account; somebody who came by a link has none.
    pub has_account: bool,
}

/// What of somebody's account matters to rights, also of an account that is still to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFacts {
    /// Where they are appointed today or later, else where they ever were.
    pub places: Vec<Lineage>,
    /// The roles that they hold today or later, and where.
    pub roles: Vec<(AccountRole, Lineage)>,
    /// Whether it is the account of whoever asks.
    pub own: bool,
}

/// Administrators of a unit.
pub const ADMINS: &[AccountRole] = &[AccountRole::DepartmentAdmin, AccountRole::UnitAdmin];
/// Who watches points and lines.
pub const WATCHERS: &[AccountRole] = &[
    AccountRole::DepartmentAdmin,
    AccountRole::UnitAdmin,
    AccountRole::ItStaff,
];
/// Who makes sessions.
pub const CONVENERS: &[AccountRole] = &[
    AccountRole::DepartmentAdmin,
    AccountRole::UnitAdmin,
    AccountRole::Trainer,
];
/// Who runs the installation itself. Its log and its copies hold what happens in every unit, so no unit's administrator is
/// among them.
pub const KEEPERS: &[AccountRole] = &[AccountRole::DepartmentAdmin];
/// Everybody with an office of some kind.
pub const STAFF: &[AccountRole] = &[
    AccountRole::DepartmentAdmin,
    AccountRole::UnitAdmin,
    AccountRole::ItStaff,
    AccountRole::Trainer,
];

impl Grants {
    /// Whether one of `roles` is held over a unit.
    #[must_use]
    pub fn hold(&self, roles: &[AccountRole], unit: &Lineage) -> bool {
        self.0
            .iter()
            .any(|grant| roles.contains(&grant.role) && unit.is_under(grant.unit))
    }

    /// Whether one of `roles` is held over any unit.
    #[must_use]
    pub fn hold_anywhere(&self, roles: &[AccountRole]) -> bool {
        self.0.iter().any(|grant| roles.contains(&grant.role))
    }

    /// The units that they make sessions for, each once, in the order in which they came by them.
    pub fn convenes_for(&self) -> impl Iterator<Item = UnitId> {
        let convenes = |grant: &Grant| CONVENERS.contains(&grant.role);
        let is_first = move |at: usize, unit| {
            !self.0[..at]
                .iter()
                .any(|earlier| convenes(earlier) && earlier.unit == unit)
        };
        self.0
            .iter()
            .enumerate()
            .filter(move |(at, grant)| convenes(grant) && is_first(*at, grant.unit))
            .map(|(_, grant)| grant.unit)
    }

    /// Whether they administer a unit, and so stand in for the chair of what it convenes.
    #[must_use]
    pub fn administer(&self, unit: &Lineage) -> bool {
        self.hold(ADMINS, unit)
    }

    /// Who prepares a session: its chair, its secretary, and the administrators of the convening unit and of those above.
    fn may_manage(&self, session: &SessionFacts) -> bool {
        matches!(session.role, Some(Chair | Secretary)) || self.administer(&session.convening)
    }

    /// What a key may by its unit that somebody with these roles made: what an administrator of the unit may, or of the
    /// department where they are that of this very unit. None when they administer it no more, and so the key has ended.
    #[must_use]
    pub fn of_key(&self, unit: &Lineage) -> Option<Grant> {
        let root = *unit.0.first()?;
        let is_department =
            |grant: &Grant| grant.role == AccountRole::DepartmentAdmin && grant.unit == root;
        let role = if self.0.iter().any(is_department) {
            AccountRole::DepartmentAdmin
        } else if self.administer(unit) {
            AccountRole::UnitAdmin
        } else {
            return None;
        };
        Some(Grant { role, unit: root })
    }

    /// Whether they may act on somebody's account, which is to be able to act as that person: everything that person is and holds
    /// lies below them. Who belongs nowhere is the department's.
    fn stand_above(&self, account: &AccountFacts) -> bool {
        let holds = |role: AccountRole, unit: &Lineage| {
            self.0
                .iter()
                .any(|grant| covers(grant.role, role) && unit.is_under(grant.unit))
        };
        let belongs = !account.places.is_empty() || !account.roles.is_empty();
        (belongs || self.hold_anywhere(&[AccountRole::DepartmentAdmin]))
            && account.places.iter().all(|unit| self.administer(unit))
            && account.roles.iter().all(|(role, unit)| holds(*role, unit))
    }

    /// Who may see what a recording shows: those invited, the administrators of the convening unit and of those above it,
    /// and trainers of its class; guests only where the session says so. IT staff are not invited by the place they work
    /// at, because they look after the points of others.
    fn may_replay(&self, session: &SessionFacts) -> bool {
        let invited = match session.invitation {
            Invitation::Person => true,
            Invitation::Place => !self.hold_anywhere(&[AccountRole::ItStaff]),
            Invitation::Guest => session.guests_may_replay,
            Invitation::None => false,
        };
        let teaches = session.teaches && self.hold_anywhere(&[AccountRole::Trainer]);
        invited || teaches || self.administer(&session.convening)
    }
}

/// Something that can be done, as a type: it has no values.
pub trait Act: Send + Sync + 'static {
    /// What matters of what it is done to.
    type On;
    /// How the audit log and the description of the interface call it, for example `end_session`.
    const NAME: &'static str;
    /// The scope in which a key may ask for it; none when no key may.
    const SCOPE: Option<ApiScope>;

    /// Whether it lies within the scopes of a key. Everything does for somebody who is no key.
    #[must_use]
    fn lies_within(scopes: Option<&[ApiScope]>) -> bool {
        scopes.is_none_or(|held| Self::SCOPE.is_some_and(|scope| held.contains(&scope)))
    }

    /// Whether somebody who holds `grants` may do it to what `on` is of.
    #[must_use]
    fn allows(grants: &Grants, on: &Self::On) -> bool;
}

macro_rules! acts {
    (@scope) => { None };
    (@scope $scope:ident) => { Some(ApiScope::$scope) };
    ($($(#[$doc:meta])* $act:ident = $name:literal, on $on:ty $(, for keys with $scope:ident)?: |$grants:pat_param, $facts:pat_param| $rule:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Copy)]
            pub enum $act {}

            impl Act for $act {
                type On = $on;
                const NAME: &'static str = $name;
                const SCOPE: Option<ApiScope> = acts!(@scope $($scope)?);

                fn allows($grants: &Grants, $facts: &$on) -> bool {
                    $rule
                }
            }
        )*

        /// The name of every action.
        pub const NAMES: &[&str] = &[$($name),*];

        /// The scope in which a key may ask for an action, by the name of the action.
        pub const SCOPES: &[(&str, Option<ApiScope>)] = &[$(($name, acts!(@scope $($scope)?))),*];
    };
}

use SessionRole::{Chair, Point, Presenter, Secretary};

acts! {
    /// End one's own sign-in.
    SignOut = "sign_out", on (): |_, ()| true;
    /// See one's own account, change its password, end its sign-ins.
    KeepOwnAccount = "keep_own_account", on Oneself: |_, asks| asks.has_account;
    /// Set up one's own second factor, replace it, turn it off.
    SetUpSecondFactor = "set_up_second_factor", on Oneself: |_, asks| asks.has_account;
    /// See the list of sessions; each is filtered by [`ViewSession`].
    ListSessions = "list_sessions", on (), for keys with SessionsRead: |_, ()| true;
    /// See the list of bridge points; each is filtered by [`ViewPoint`].
    ListPoints = "list_points", on (), for keys with PointsRead: |_, ()| true;
    /// See the list of classes; each is filtered by [`ViewClass`].
    ListClasses = "list_classes", on (), for keys with ClassesRead: |_, ()| true;
    /// Read what one was told of sessions.
    ReadNotices = "read_notices", on (): |_, ()| true;
    /// Open the page on which sessions are made; each is subject to [`CreateSession`].
    PlanSessions = "plan_sessions", on (): |grants, ()| grants.hold_anywhere(CONVENERS);
    /// Open the monitor board; each point is filtered by [`WatchPoint`].
    OpenMonitor = "open_monitor", on (), for keys with PointsRead: |grants, ()| grants.hold_anywhere(WATCHERS);

    /// Make a session of a unit.
    CreateSession = "create_session", on Lineage, for keys with SessionsWrite: |grants, unit| grants.hold(CONVENERS, unit);
    /// Invite a unit's bridge point.
    InvitePoint = "invite_point", on Lineage, for keys with SessionsWrite: |grants, unit| grants.hold(STAFF, unit);

    /// See a session.
    ViewSession = "view_session", on SessionFacts, for keys with SessionsRead: |grants, session| {
        session.role.is_some()
            || session.invitation != Invitation::None
            || grants.hold(STAFF, &session.convening)
            || session.invited.iter().any(|unit| grants.hold(WATCHERS, unit))
    };
    /// Name somebody for a part in a session: of the convening unit, of those below it, or of those where one holds an office.
    NameOfficer = "name_officer", on CandidateFacts, for keys with SessionsWrite: |grants, person| {
        let may = |unit: &Lineage| {
            grants.hold(STAFF, unit) || person.convening.is_some_and(|root| unit.is_under(root))
        };
        person.units.iter().any(may)
    };
    /// Change a session: its title, kind, time, points, those in charge.
    EditSession = "edit_session", on SessionFacts, for keys with SessionsWrite: |grants, session| grants.may_manage(session);
    /// Call a session off.
    CancelSession = "cancel_session", on SessionFacts, for keys with SessionsWrite: |grants, session| grants.may_manage(session);
    /// See who did what to a session.
    ViewHistory = "view_history", on SessionFacts, for keys with SessionsRead: |grants, session| grants.may_manage(session);
    /// End a session.
    EndSession = "end_session", on SessionFacts, for keys with SessionsWrite: |grants, session| {
        session.role == Some(Chair) || grants.administer(&session.convening)
    };
    /// Note that nobody came to a session. The server's own.
    LapseSession = "lapse_session", on SessionFacts: |_, _| false;
    /// Make or revoke a joining link of a session.
    ManageLinks = "manage_links", on SessionFacts: |grants, session| grants.may_manage(session);
    /// See who was in a session's room.
    ViewAttendance = "view_attendance", on SessionFacts, for keys with SessionsRead: |grants, session| {
        matches!(session.invitation, Invitation::Person | Invitation::Place)
            || grants.hold(WATCHERS, &session.convening)
    };
    /// See what a session's recordings show: play and download them.
    ViewRecording = "view_recording", on SessionFacts: |grants, session| grants.may_replay(session);
    /// See how a session's recordings do: their state, size and length.
    InspectRecordings = "inspect_recordings", on SessionFacts, for keys with SessionsRead: |grants, session| {
        grants.may_replay(session) || grants.hold(WATCHERS, &session.convening)
    };
    /// Have the MP4 of a recording made again.
    ComposeRecording = "compose_recording", on SessionFacts: |grants, session| {
        session.role == Some(Chair) || grants.hold(WATCHERS, &session.convening)
    };
    /// See why the pictures of somebody in a live room are as they are.
    ExplainMedia = "explain_media", on SessionFacts: |grants, session| {
        matches!(session.role, Some(Chair | Secretary))
            || session.supports
            || grants.hold(WATCHERS, &session.convening)
    };
    /// Enter a live room.
    EnterRoom = "enter_room", on SessionFacts: |_, session| session.role.is_some();
    /// Receive a live room's main picture and sound (WHEP).
    WatchMedia = "watch_media", on SessionFacts: |_, session| session.role.is_some();
    /// Publish media into a live room, from a page or by WHIP.
    PublishMedia = "publish_media", on SessionFacts: |_, session| {
        matches!(session.role, Some(Chair | Secretary | Point | Presenter))
    };

    /// See a bridge point.
    ViewPoint = "view_point", on PointFacts, for keys with PointsRead: |grants, point| point.own || grants.hold(STAFF, &point.host);
    /// See how a bridge point's line does and did.
    WatchPoint = "watch_point", on PointFacts, for keys with PointsRead: |grants, point| grants.hold(WATCHERS, &point.host);

    /// See the register of bridge points; each is filtered by [`ManagePoint`].
    ListRegister = "list_register", on (), for keys with PointsRead: |grants, ()| grants.hold_anywhere(ADMINS);
    /// Add, change or close a bridge point. One that nobody hosts is the department's.
    ManagePoint = "manage_point", on PointFacts, for keys with PointsWrite: |grants, point| {
        grants.hold(ADMINS, &point.host)
            || (point.host.0.is_empty() && grants.hold_anywhere(&[AccountRole::DepartmentAdmin]))
    };
    /// Let a bridge point be the main one.
    ManageMainPoint = "manage_main_point", on PointFacts, for keys with PointsWrite: |grants, point| {
        grants.hold(&[AccountRole::DepartmentAdmin], &point.host)
    };

    /// See a class.
    ViewClass = "view_class", on ClassFacts, for keys with ClassesRead: |grants, class| class.enrolled || grants.hold(STAFF, &class.unit);

    /// Open the list of people; each is filtered by [`ViewPerson`].
    ListPeople = "list_people", on (), for keys with PeopleRead: |grants, ()| grants.hold_anywhere(ADMINS);
    /// See somebody and all their appointments.
    ViewPerson = "view_person", on PersonFacts, for keys with PeopleRead: |grants, person| {
        person.units.iter().any(|unit| grants.administer(unit))
    };
    /// Change what somebody is called. Whoever sits at units of several administrators is changed by those above all of them.
    EditPerson = "edit_person", on PersonFacts, for keys with PeopleWrite: |grants, person| {
        !person.units.is_empty() && person.units.iter().all(|unit| grants.administer(unit))
    };
    /// Add somebody, with a first appointment at a unit.
    AddPerson = "add_person", on Lineage, for keys with PeopleWrite: |grants, unit| grants.administer(unit);
    /// Appoint somebody whom one sees at one more unit.
    AppointPerson = "appoint_person", on AppointmentFacts, for keys with PeopleWrite: |grants, appointment| {
        ViewPerson::allows(grants, &appointment.person) && grants.administer(&appointment.unit)
    };
    /// Take everything away that is kept about somebody, as a file.
    ExportPersonalData = "export_personal_data", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Delete what makes somebody known, everywhere.
    ErasePerson = "erase_person", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Take in a list of people; each row is subject to the rights over its unit and its person.
    ImportPeople = "import_people", on (): |grants, ()| grants.hold_anywhere(ADMINS);
    /// See an import of one's own, correct it, have it written, stop it.
    ManageImport = "manage_import", on ImportFacts: |grants, import| import.mine && grants.hold_anywhere(ADMINS);
    /// Say when an appointment at a unit ends.
    EndAppointment = "end_appointment", on Lineage, for keys with PeopleWrite: |grants, unit| grants.administer(unit);
    /// Open the pages of the installation itself.
    OpenSystem = "open_system", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Read the audit log.
    ReadAudit = "read_audit", on (), for keys with AuditRead: |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Take the audit log away as a file.
    ExportAudit = "export_audit", on (), for keys with AuditRead: |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Have the chain of the audit log checked.
    CheckAudit = "check_audit", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// See how copies of everything do.
    ViewBackups = "view_backups", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Have a copy of everything made, where the settings say.
    MakeBackup = "make_backup", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// See the settings of the installation: whoever keeps it, and those who look after its technique.
    ViewSettings = "view_settings", on Lineage: |grants, root| {
        grants.hold_anywhere(KEEPERS) || grants.hold(&[AccountRole::ItStaff], root)
    };
    /// Change what a department changes while the server runs.
    ChangeSettings = "change_settings", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Follow the guide of the first days, go on without a step of it, close it.
    KeepGuide = "keep_guide", on (): |grants, ()| grants.hold_anywhere(KEEPERS);
    /// Put a copy back on a machine where nothing is. The operator's, at the server's own terminal.
    RestoreBackup = "restore_backup", on (): |_, ()| false;

    /// See the tree of units; each is filtered by [`ViewUnit`].
    ListUnits = "list_units", on (), for keys with UnitsRead: |grants, ()| !grants.0.is_empty();
    /// See a unit.
    ViewUnit = "view_unit", on UnitFacts, for keys with UnitsRead: |grants, unit| {
        grants.0.iter().any(|grant| unit.lineage.is_under(grant.unit))
            || (!unit.by_key && (unit.above_own || grants.hold_anywhere(ADMINS)))
    };
    /// Change the tree of units by a decision that needs a right over each of these units.
    ChangeUnits = "change_units", on Vec<Lineage>: |grants, units| {
        grants.hold_anywhere(ADMINS) && units.iter().all(|unit| grants.hold(ADMINS, unit))
    };
    /// See the decisions that changed the tree, or will.
    ListUnitChanges = "list_unit_changes", on (): |grants, ()| grants.hold_anywhere(ADMINS);
    /// Let an account have a role at a unit: nobody gives what reaches further than their own.
    HandRole = "hand_role", on (AccountRole, Lineage): |grants, (role, unit)| match role {
        AccountRole::DepartmentAdmin => grants.hold(&[AccountRole::DepartmentAdmin], unit),
        _ => grants.hold(ADMINS, unit),
    };

    /// Add accounts with a password. The operator's, at the server's own terminal.
    ManageAccounts = "manage_accounts", on Lineage: |_, _| false;
    /// Open the list of accounts; each is filtered by [`ViewAccount`].
    ListAccounts = "list_accounts", on (): |grants, ()| grants.hold_anywhere(ADMINS);
    /// See somebody's account.
    ViewAccount = "view_account", on AccountFacts: |grants, account| {
        account.places.iter().any(|unit| grants.administer(unit))
            || account.roles.iter().any(|(_, unit)| grants.administer(unit))
    };
    /// Give an account a one-time code, disable it, enable it, take its second factor away. One's own is kept by [`KeepOwnAccount`].
    ManageAccount = "manage_account", on AccountFacts: |grants, account| {
        !account.own && grants.stand_above(account)
    };
    /// Open the list of keys for other systems; each is filtered by [`RevokeKey`].
    ListKeys = "list_keys", on (): |grants, ()| grants.hold_anywhere(ADMINS);
    /// Make a key that reaches a unit and all below it.
    MakeKey = "make_key", on Lineage: |grants, unit| grants.administer(unit);
    /// See a key of a unit and take it back, whoever made it.
    RevokeKey = "revoke_key", on Lineage: |grants, unit| grants.administer(unit);
    /// Give an account roles and end them, also one's own; which, [`crate::accounts::DatedGrant::holds`] says.
    GrantRoles = "grant_roles", on AccountFacts: |grants, account| {
        (account.own && grants.hold_anywhere(ADMINS)) || grants.stand_above(account)
    };
}

/// What ties somebody with an account to a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ties {
    /// They are its chair.
    pub chairs: bool,
    /// They are its secretary.
    pub keeps_minutes: bool,
    /// They are named to present.
    pub presents: bool,
    /// They are named to look after its technique.
    pub supports: bool,
    /// They administer the convening unit, or one above it.
    pub administers: bool,
    /// They are appointed at an invited point that is not closed.
    pub at_point: bool,
    /// They are a trainee of its class.
    pub enrolled: bool,
    /// They are named: by a link that is theirs, or on the list of a point.
    pub named: bool,
    /// A unit where they are appointed is invited.
    pub of_unit: bool,
}

impl Ties {
    /// The part they have in it: the highest that any tie gives.
    #[must_use]
    pub const fn role(self) -> Option<SessionRole> {
        if self.chairs {
            Some(Chair)
        } else if self.keeps_minutes || self.administers {
            Some(Secretary)
        } else if self.presents {
            Some(Presenter)
        } else if self.at_point {
            Some(Point)
        } else if self.enrolled || self.supports {
            Some(SessionRole::Viewer)
        } else {
            None
        }
    }

    /// How they are invited. To administer is to be in charge, which is no invitation.
    #[must_use]
    pub const fn invitation(self) -> Invitation {
        let in_charge = self.chairs || self.keeps_minutes || self.presents || self.supports;
        if in_charge || self.enrolled || self.named {
            Invitation::Person
        } else if self.at_point || self.of_unit {
            Invitation::Place
        } else {
            Invitation::None
        }
    }
}
