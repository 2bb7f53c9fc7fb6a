//! What a caller may see, in parts: each is a query on an index of its own.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::Bool;
use shared::rights::{ListScope, RoleScope};
use shared::user::Demarches;

use super::ListQuery;
use crate::connection::search::Condition;
use crate::ids::UserId;
use crate::schema::{enrollment_readers, enrollment_scopes, enrollments};

/// A part of what the caller may see.
#[derive(Clone, Debug)]
pub enum Part {
    /// Every enrollment.
    Everything,
    /// Those that this user filed.
    Demandeur(UserId),
    /// Those that name this address.
    Reader(String),
    /// Those of an API.
    Api(String),
    /// Those of an API that one of these roles shows.
    Roles(String, Vec<RoleScope>),
}

/// The parts of a list.
pub fn parts(query: &ListQuery) -> Vec<Part> {
    let scope = &query.scope;
    let wanted = |api: &String| query.target_apis.is_empty() || query.target_apis.contains(api);
    if query.mine {
        return vec![Part::Demandeur(UserId(scope.demandeur_id))];
    }
    if scope.everything {
        return if query.target_apis.is_empty() {
            vec![Part::Everything]
        } else {
            query.target_apis.iter().cloned().map(Part::Api).collect()
        };
    }
    let mut parts = vec![Part::Demandeur(UserId(scope.demandeur_id))];
    parts.extend(scope.email.clone().map(Part::Reader));
    for part in by_api(&scope.roles).filter(|part| part.target_api().is_none_or(&wanted)) {
        match part {
            // Each on an index of its own: what is shown twice is dropped later.
            Part::Roles(api, roles) => parts.extend(roles.into_iter().flat_map(|role| one_by_one(&api, role))),
            part => parts.push(part),
        }
    }
    parts
}

/// What a role shows, each démarche that it is limited to apart.
fn one_by_one(api: &str, role: RoleScope) -> Vec<Part> {
    let part = |demarches| Part::Roles(api.to_owned(), vec![RoleScope { demarches, ..role.clone() }]);
    match &role.demarches {
        Demarches::Only(demarches) => {
            demarches.iter().map(|demarche| part(Demarches::Only(BTreeSet::from([demarche.clone()])))).collect()
        }
        whole => vec![part(whole.clone())],
    }
}

/// What roles show, in parts that have nothing in common.
pub fn by_api(roles: &[RoleScope]) -> impl Iterator<Item = Part> {
    let mut by_api: BTreeMap<&String, Vec<RoleScope>> = BTreeMap::new();
    for role in roles {
        by_api.entry(&role.target_api).or_default().push(role.clone());
    }
    let parts: Vec<Part> = by_api
        .into_iter()
        .map(|(api, roles)| match roles.iter().any(RoleScope::is_whole) {
            true => Part::Api(api.clone()),
            false => Part::Roles(api.clone(), roles),
        })
        .collect();
    parts.into_iter()
}

impl Part {
    /// The API that it is about, where it is about one.
    fn target_api(&self) -> Option<&String> {
        match self {
            Self::Api(api) | Self::Roles(api, _) => Some(api),
            Self::Everything | Self::Demandeur(_) | Self::Reader(_) => None,
        }
    }
}

/// What the caller sees by their roles, in parts that have nothing in common.
pub fn instructed(scope: &ListScope) -> Vec<Part> {
    if scope.everything { vec![Part::Everything] } else { by_api(&scope.roles).collect() }
}

/// The rows of a part.
pub fn visible(part: &Part) -> Condition<enrollments::table> {
    let names = |email: String| {
        enrollment_readers::table.filter(enrollment_readers::email.eq(email)).select(enrollment_readers::enrollment_id)
    };
    match part.clone() {
        Part::Everything => Box::new(true.into_sql::<Bool>()),
        Part::Demandeur(id) => Box::new(enrollments::demandeur_id.eq(id)),
        Part::Reader(email) => Box::new(enrollments::id.eq_any(names(email))),
        Part::Api(api) => Box::new(enrollments::target_api.eq(api)),
        Part::Roles(api, roles) => {
            Box::new(enrollments::target_api.eq(api).and(any(roles.into_iter().map(limited).collect())))
        }
    }
}

/// What a role that is limited shows of its API.
fn limited(role: RoleScope) -> Condition<enrollments::table> {
    let demarches: Condition<enrollments::table> = match role.demarches {
        Demarches::All => Box::new(true.into_sql::<Bool>()),
        Demarches::Only(demarches) => match Vec::from_iter(demarches).as_slice() {
            [demarche] => Box::new(enrollments::demarche.eq(demarche.clone())),
            demarches => Box::new(enrollments::demarche.eq_any(demarches.to_vec())),
        },
        Demarches::Except(demarches) => Box::new(enrollments::demarche.ne_all(demarches)),
    };
    match role.scopes {
        None => demarches,
        Some(scopes) => {
            let asks_for = enrollment_scopes::table
                .filter(enrollment_scopes::scope.eq_any(scopes))
                .select(enrollment_scopes::enrollment_id);
            Box::new(demarches.and(enrollments::id.eq_any(asks_for)))
        }
    }
}

/// One of these holds: as many as somebody has roles. Halves of halves: a chain as long as somebody has roles would be a
/// recursion as deep.
fn any(mut conditions: Vec<Condition<enrollments::table>>) -> Condition<enrollments::table> {
    match conditions.len() {
        0 | 1 => conditions.pop().unwrap_or_else(|| Box::new(false.into_sql::<Bool>())),
        count => {
            let second = conditions.split_off(count / 2);
            Box::new(any(conditions).or(any(second)))
        }
    }
}

/// The rows of all these parts. Whole APIs are one list of values.
pub fn any_of(parts: Vec<Part>) -> Condition<enrollments::table> {
    let (whole, others): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| matches!(part, Part::Api(_)));
    let apis: Vec<String> = whole.iter().filter_map(Part::target_api).cloned().collect();
    let whole: Option<Condition<enrollments::table>> =
        (!apis.is_empty()).then(|| Box::new(enrollments::target_api.eq_any(apis)) as _);
    any(whole.into_iter().chain(others.iter().map(visible)).collect())
}

/// What one of these roles shows.
pub fn within(roles: &[RoleScope]) -> Condition<enrollments::table> {
    any_of(by_api(roles).collect())
}
