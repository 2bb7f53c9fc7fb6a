//! People named in earlier requests of an organisation, so that nobody is typed twice.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, web};
use serde::Deserialize;
use shared::organization::Siret;
use shared::rights::Denial;
use shared::team_member::{TeamMember, TeamMemberType};
use utoipa::IntoParams;

use super::input::Query;
use crate::auth::Actor;
use crate::error::Result;
use crate::models::enrollment;
use crate::state::AppState;

/// How many people at most.
const MOST: usize = 50;

/// Of which organisation.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContactsQuery {
    /// Its number.
    siret: Siret,
}

/// The people named in requests of the organisation that the caller filed or is named in, newest first.
#[utoipa::path(
    summary = "Lister les personnes déjà désignées pour une organisation",
    tag = "Demandes",
    params(ContactsQuery),
    responses((status = 200, body = Vec<TeamMember>))
)]
#[get("/contacts")]
pub async fn list(
    state: web::Data<AppState>,
    Actor { user, .. }: Actor,
    Query(query): Query<ContactsQuery>,
) -> Result<HttpResponse> {
    let siret = query.siret;
    if !user.belongs_to(&siret) {
        return Err(Denial::NotInOrganization.into());
    }
    let drafts = state.db.read(move |connection| Ok(enrollment::readable_of(connection, &siret, &user)?)).await?;
    let people = drafts.into_iter().flat_map(|draft| draft.team_members);
    Ok(HttpResponse::Ok().json(distinct(people)))
}

/// Without the applicants, whom their account describes, and without those who cannot be written to.
fn distinct(people: impl Iterator<Item = TeamMember>) -> Vec<TeamMember> {
    let mut seen = BTreeSet::new();
    people
        .filter(|member| member.kind != TeamMemberType::Demandeur && !member.email.is_empty())
        .filter(|member| seen.insert((member.kind, member.email.clone())))
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_is_told_once_in_each_part() {
        let member = |kind, email: &str| TeamMember { email: email.to_owned(), ..TeamMember::new(kind) };
        let (dpo, technician) = (TeamMemberType::DelegueProtectionDonnees, TeamMemberType::ResponsableTechnique);
        let told = distinct(
            [
                member(TeamMemberType::Demandeur, "moi@exemple.fr"),
                member(dpo, "dpo@exemple.fr"),
                member(dpo, ""),
                member(dpo, "dpo@exemple.fr"),
                member(technician, "dpo@exemple.fr"),
            ]
            .into_iter(),
        );
        assert_eq!(told, [member(dpo, "dpo@exemple.fr"), member(technician, "dpo@exemple.fr")]);
    }
}
