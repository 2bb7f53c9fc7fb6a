//! Authorisations: what was granted, for ever. What anybody may know of them is in [`public`].

pub mod public;

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::diff::Version;
use shared::enrollment::{Authorisation, AuthorisationState, AuthorisationSummary};
use shared::organization::{Establishment, OrganizationKind, Siret};
use shared::provisioning::Provisioning;

use crate::connection::AnyConnection;
use crate::connection::search::kept;
use crate::connection::types::{Json, Name, utc};
use crate::ids::{AuthorisationId, EnrollmentId, UserId};
use crate::models::provisioning::ProvisioningRow;
use crate::schema::{authorisations, provisionings};

/// What is granted, to record.
#[derive(Debug, Insertable)]
#[diesel(table_name = authorisations)]
pub struct NewAuthorisation {
    pub enrollment_id: EnrollmentId,
    pub target_api: String,
    /// Short id of who exposes the API.
    pub provider: String,
    /// The revision of the policy.
    pub policy_revision: String,
    /// The organisation.
    pub siret: String,
    /// Its name.
    pub nom_raison_sociale: String,
    /// Title of the request.
    pub intitule: String,
    /// First and last name of the data controller.
    pub responsable_traitement: String,
    /// Who granted it.
    pub created_by: UserId,
    pub created_at: NaiveDateTime,
    /// The whole content.
    pub version: Json<Version>,
}

/// What the public list looks into: nothing personal, and no name that the register does not show.
fn searched(is_masked: bool, nom_raison_sociale: &str, siret: &str, intitule: &str) -> String {
    let name = if is_masked { "" } else { nom_raison_sociale };
    kept(&format!("{name} {siret} {intitule}"))
}

/// Records what is granted, with what the register says of the organisation; what the same request had been granted before
/// is superseded.
///
/// # Errors
/// The database's.
pub fn grant(
    connection: &mut AnyConnection,
    new: &NewAuthorisation,
    register: Option<&Establishment>,
) -> QueryResult<AuthorisationId> {
    end(connection, new.enrollment_id, AuthorisationState::Superseded, new.created_at)?;
    let is_masked = is_masked(register);
    let searched = searched(is_masked, &new.nom_raison_sociale, &new.siret, &new.intitule);
    diesel::insert_into(authorisations::table)
        .values((
            new,
            authorisations::state.eq(Name(AuthorisationState::Active)),
            authorisations::organization_kind.eq(Name(kind(register))),
            authorisations::masked.eq(is_masked),
            authorisations::changed_at.eq(new.created_at),
            authorisations::public_search.eq(searched),
        ))
        .returning(authorisations::id)
        .get_result(connection)
}

/// Ends what is in force for a request, if anything is.
///
/// # Errors
/// The database's.
pub fn end(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    state: AuthorisationState,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let active = authorisations::table
        .filter(authorisations::enrollment_id.eq(enrollment_id))
        .filter(authorisations::state.eq(Name(AuthorisationState::Active)));
    diesel::update(active)
        .set((
            authorisations::state.eq(Name(state)),
            authorisations::ended_at.eq(now),
            authorisations::changed_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Names another data controller in the public list, for what is in force for a request.
///
/// # Errors
/// The database's.
pub fn rename_controller(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    name: &str,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let active = authorisations::table
        .filter(authorisations::enrollment_id.eq(enrollment_id))
        .filter(authorisations::state.eq(Name(AuthorisationState::Active)));
    diesel::update(active)
        .set((authorisations::responsable_traitement.eq(name), authorisations::changed_at.eq(now)))
        .execute(connection)?;
    Ok(())
}

fn kind(register: Option<&Establishment>) -> OrganizationKind {
    register.map(Establishment::kind).unwrap_or_default()
}

/// What the register does not say is shown as the request has it.
fn is_masked(register: Option<&Establishment>) -> bool {
    register.is_some_and(|known| !known.is_public)
}

/// Takes over what the register says of an organisation: its kind, and whether its name may be shown. Nothing is written where
/// nothing is new.
///
/// # Errors
/// The database's.
pub fn describe_organization(
    connection: &mut AnyConnection,
    register: &Establishment,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let (kind, is_masked) = (Name(kind(Some(register))), is_masked(Some(register)));
    let differs = authorisations::organization_kind.ne(kind).or(authorisations::masked.ne(is_masked));
    let rows: Vec<(AuthorisationId, String, String)> = authorisations::table
        .filter(authorisations::siret.eq(register.siret.as_str()))
        .filter(differs)
        .select((authorisations::id, authorisations::nom_raison_sociale, authorisations::intitule))
        .load(connection)?;
    for (id, name, title) in rows {
        let searched = searched(is_masked, &name, register.siret.as_str(), &title);
        diesel::update(authorisations::table.find(id))
            .set((
                authorisations::organization_kind.eq(kind),
                authorisations::masked.eq(is_masked),
                authorisations::public_search.eq(searched),
                authorisations::changed_at.eq(now),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// Authorisations from before the register had these columns: number, API, organisation.
///
/// # Errors
/// The database's.
pub fn without_provider(
    connection: &mut AnyConnection,
    limit: i64,
) -> QueryResult<Vec<(AuthorisationId, String, String)>> {
    authorisations::table
        .filter(authorisations::provider.eq(""))
        .order(authorisations::id)
        .limit(limit)
        .select((authorisations::id, authorisations::target_api, authorisations::siret))
        .load(connection)
}

/// Writes who exposes the API.
///
/// # Errors
/// The database's.
pub fn set_provider(connection: &mut AnyConnection, id: AuthorisationId, provider: &str) -> QueryResult<()> {
    diesel::update(authorisations::table.find(id)).set(authorisations::provider.eq(provider)).execute(connection)?;
    Ok(())
}

/// The last authorisation of a request, with its state.
///
/// # Errors
/// The database's.
pub fn last(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
) -> QueryResult<Option<(AuthorisationId, AuthorisationState)>> {
    let row: Option<(AuthorisationId, Name<AuthorisationState>)> = authorisations::table
        .filter(authorisations::enrollment_id.eq(enrollment_id))
        .select((authorisations::id, authorisations::state))
        .order(authorisations::id.desc())
        .first(connection)
        .optional()?;
    Ok(row.map(|(id, state)| (id, state.0)))
}

/// Keeps what the service of the API calls the access that it has opened, with the last authorisation of that request.
///
/// # Errors
/// The database's.
pub fn keep_token(connection: &mut AnyConnection, enrollment_id: EnrollmentId, token_id: &str) -> QueryResult<()> {
    if let Some((id, _)) = last(connection, enrollment_id)? {
        diesel::update(authorisations::table.find(id))
            .set(authorisations::token_id.eq(token_id))
            .execute(connection)?;
    }
    Ok(())
}

/// The request that an authorisation answers, if there is one of that number.
///
/// # Errors
/// The database's.
pub fn enrollment_of(connection: &mut AnyConnection, id: AuthorisationId) -> QueryResult<Option<EnrollmentId>> {
    authorisations::table.find(id).select(authorisations::enrollment_id).first(connection).optional()
}

type SummaryRow = (i64, Name<AuthorisationState>, NaiveDateTime, Option<NaiveDateTime>);

fn summary((id, state, created_at, ended_at): SummaryRow) -> AuthorisationSummary {
    AuthorisationSummary {
        id,
        state: state.0,
        created_at: utc(created_at),
        ended_at: ended_at.map(utc),
        provisionings: Vec::new(),
    }
}

/// The revision of the policy of each authorisation of a request: number, day, revision, newest first.
///
/// # Errors
/// The database's.
pub fn revisions(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
) -> QueryResult<Vec<(AuthorisationId, NaiveDateTime, String)>> {
    authorisations::table
        .filter(authorisations::enrollment_id.eq(enrollment_id))
        .order(authorisations::id.desc())
        .select((authorisations::id, authorisations::created_at, authorisations::policy_revision))
        .load(connection)
}

/// What is in force for a request.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = authorisations)]
pub struct InForce {
    /// The revision of its policy.
    pub policy_revision: String,
    /// Name of the organisation.
    pub nom_raison_sociale: String,
    /// When it was granted.
    pub created_at: NaiveDateTime,
    /// The whole content.
    pub version: Json<Version>,
}

/// What is in force for a request, if anything is.
///
/// # Errors
/// The database's.
pub fn in_force(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Option<InForce>> {
    authorisations::table
        .filter(authorisations::enrollment_id.eq(enrollment_id))
        .filter(authorisations::state.eq(Name(AuthorisationState::Active)))
        .select(InForce::as_select())
        .first(connection)
        .optional()
}

/// What an organisation holds for an API.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = authorisations)]
pub struct Held {
    /// The authorisation.
    pub id: AuthorisationId,
    /// Its request.
    pub enrollment_id: EnrollmentId,
    /// The whole content.
    pub version: Json<Version>,
}

/// What an organisation holds for an API through other requests than `own`, oldest first.
///
/// # Errors
/// The database's.
pub fn held(
    connection: &mut AnyConnection,
    target_api: &str,
    siret: &Siret,
    own: Option<EnrollmentId>,
) -> QueryResult<Vec<Held>> {
    authorisations::table
        .filter(authorisations::siret.eq(siret.as_str()))
        .filter(authorisations::target_api.eq(target_api))
        .filter(authorisations::state.eq(Name(AuthorisationState::Active)))
        .filter(authorisations::enrollment_id.ne(own.unwrap_or(EnrollmentId(0))))
        .order(authorisations::id)
        .select(Held::as_select())
        .load(connection)
}

/// One authorisation, whole.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: AuthorisationId) -> QueryResult<Authorisation> {
    type Row = (SummaryRow, i64, String, String, String, Json<Version>);

    let rows: Vec<(Row, Option<ProvisioningRow>)> = authorisations::table
        .left_join(provisionings::table)
        .filter(authorisations::id.eq(id))
        .order(provisionings::manager)
        .select((
            (
                (authorisations::id, authorisations::state, authorisations::created_at, authorisations::ended_at),
                authorisations::enrollment_id,
                authorisations::target_api,
                authorisations::policy_revision,
                authorisations::nom_raison_sociale,
                authorisations::version,
            ),
            Option::<ProvisioningRow>::as_select(),
        ))
        .load(connection)?;
    let mut provisionings = Vec::new();
    let mut found = None;
    for (row, provisioning) in rows {
        found = Some(row);
        provisionings.extend(provisioning.map(Provisioning::from));
    }
    let (own, enrollment_id, target_api, policy_revision, nom_raison_sociale, version) =
        found.ok_or(diesel::result::Error::NotFound)?;
    let Version { content, documents } = version.0;
    Ok(Authorisation {
        summary: AuthorisationSummary { provisionings, ..summary(own) },
        enrollment_id,
        target_api,
        policy_revision,
        nom_raison_sociale,
        content,
        documents,
        struck: BTreeSet::new(),
        current_contacts: Vec::new(),
    })
}
