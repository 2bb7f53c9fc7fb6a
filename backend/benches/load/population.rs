//! Who and what may be met in a made-up database: applicants, staff, sessions, requests.

use anyhow::Result;
use chrono::{Duration, NaiveDate, NaiveDateTime};
use datapass::connection::AnyConnection;
use datapass::connection::types::now;
use datapass::db::Db;
use datapass::ids::{EnrollmentId, UserId};
use datapass::models::session::{self, NewSession};
use datapass::models::user::{self, Profile};
use datapass::secret;
use diesel::QueryResult;
use shared::organization::Organization;
use shared::team_member::{TeamMember, TeamMemberType};
use shared::user::Role;
use shared::workflow::Status;

use crate::applicants::{Applicant, person};
use crate::random::Random;

/// A request that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// Its number.
    pub id: EnrollmentId,
    /// Its API.
    pub target_api: &'static str,
    /// Where it stands.
    pub status: Status,
    /// Place in `Population::applicants` of who filed it.
    pub applicant: usize,
    /// Its title.
    pub intitule: String,
}

/// Everybody and every request.
pub struct Population {
    /// Who may file, with their user numbers. Chance favours the first.
    pub applicants: Vec<(UserId, Applicant)>,
    /// User number of whoever decided.
    pub instructor: UserId,
    /// Every request, by number.
    pub requests: Vec<Made>,
}

impl Population {
    /// Stores the people; no request yet.
    pub async fn settle(db: &Db, applicants: usize, random: &mut Random) -> Result<Self> {
        let made: Vec<Applicant> = (0..applicants).map(|number| Applicant::new(number, random)).collect();
        let store = move |connection: &mut AnyConnection| {
            let stored = made.into_iter().map(|applicant| {
                let id = store(connection, &applicant.person, std::slice::from_ref(&applicant.organization))?;
                Ok((id, applicant))
            });
            let applicants = stored.collect::<QueryResult<_>>()?;
            Ok(Self { applicants, instructor: store(connection, &staff("instruction"), &[])?, requests: Vec::new() })
        };
        Ok(db.write(store).await?)
    }

    /// The requests for that API that stand there.
    pub fn of(&self, target_api: &str, stands: impl Fn(Status) -> bool) -> impl Iterator<Item = &Made> {
        self.requests.iter().filter(move |request| request.target_api == target_api && stands(request.status))
    }

    /// Who filed the most, as chance favours the first.
    pub fn busiest(&self) -> Option<&(UserId, Applicant)> {
        self.applicants.first()
    }

    /// Where the organisations are.
    pub fn places(&self) -> impl Iterator<Item = &str> {
        self.applicants.iter().map(|(_, applicant)| applicant.place.as_str())
    }
}

/// Somebody of the platform.
pub fn staff(name: &str) -> TeamMember {
    let email = format!("{name}@datapass.exemple.fr");
    TeamMember { email, ..person(TeamMemberType::Demandeur, "datapass.exemple.fr", &mut Random::new(1)) }
}

/// When the first request was started.
pub fn first_day() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2022, 11, 1).unwrap_or_default().into()
}

fn store(connection: &mut AnyConnection, person: &TeamMember, organizations: &[Organization]) -> QueryResult<UserId> {
    let profile = Profile {
        issuer: "bench".to_owned(),
        sub: person.email.clone(),
        email: person.email.clone(),
        email_verified: true,
        given_name: person.given_name.clone(),
        family_name: person.family_name.clone(),
        phone_number: person.phone_number.clone(),
        job: person.job.clone(),
    };
    user::upsert(connection, &profile, organizations, first_day())
}

/// Signs somebody in who has these roles; returns the value of the cookie.
pub async fn sign_in_as(db: &Db, person: TeamMember, roles: &[&str]) -> Result<String> {
    let roles: Vec<Role> = roles.iter().map(|role| role.parse()).collect::<Result<_, _>>()?;
    let grant = move |connection: &mut AnyConnection| {
        let id = store(connection, &person, &[])?;
        for role in &roles {
            user::grant(connection, id, role)?;
        }
        Ok(id)
    };
    sign_in(db, db.write(grant).await?).await
}

/// Signs a user in; returns the value of the cookie.
pub async fn sign_in(db: &Db, user_id: UserId) -> Result<String> {
    let cookie = secret::new()?;
    let created_at = now().naive_utc();
    let expires_at = created_at + Duration::hours(12);
    let row = NewSession {
        id_hash: secret::hash(&cookie),
        public_id: cookie.clone(),
        user_id,
        id_token: Vec::new(),
        device: String::new(),
        created_at,
        last_seen_at: created_at,
        expires_at,
        second_factor: false,
        authenticated_at: created_at,
    };
    db.write(move |connection| Ok(session::insert(connection, &row)?)).await?;
    Ok(cookie)
}
