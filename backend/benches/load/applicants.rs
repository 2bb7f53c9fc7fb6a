//! Organisations and the people who file for them.

use shared::organization::{MembershipSource, Organization, Siret};
use shared::team_member::{TeamMember, TeamMemberType};

use crate::random::Random;
use crate::words::{FAMILY_NAMES, GIVEN_NAMES, JOBS, ORGANISATIONS, PLACES, RIVERS};

/// Somebody who files for one organisation.
pub struct Applicant {
    /// Their details, as of every person of a request.
    pub person: TeamMember,
    /// Whom they speak for.
    pub organization: Organization,
    /// Where that is.
    pub place: String,
    /// Domain of the organisation's e-mail addresses.
    domain: String,
}

impl Applicant {
    /// The applicant of that number.
    pub fn new(number: usize, random: &mut Random) -> Self {
        let place = format!("{}-{}", random.pick(PLACES), random.pick(RIVERS));
        let kind = random.weighted(ORGANISATIONS, "Commune de");
        let domain = format!("{}{number}.exemple.fr", slug(&place));
        let organization = Organization {
            siret: siret(number),
            label: format!("{kind} {place}"),
            source: MembershipSource::Issuer,
            is_verified: true,
        };
        let person = person(TeamMemberType::Demandeur, &domain, random);
        Self { person, organization, place, domain }
    }

    /// Somebody else of the organisation.
    pub fn colleague(&self, kind: TeamMemberType, random: &mut Random) -> TeamMember {
        person(kind, &self.domain, random)
    }
}

/// Somebody with an address of that domain.
pub fn person(kind: TeamMemberType, domain: &str, random: &mut Random) -> TeamMember {
    let (given_name, family_name) = (*random.pick(GIVEN_NAMES), *random.pick(FAMILY_NAMES));
    let two = |random: &mut Random| random.below(100);
    let digits = [two(random), two(random), two(random), two(random)].map(|two| format!("{two:02}"));
    TeamMember {
        kind,
        given_name: given_name.to_owned(),
        family_name: family_name.to_owned(),
        email: format!("{}.{}@{domain}", slug(given_name), slug(family_name)),
        phone_number: format!("06 {}", digits.join(" ")),
        job: (*random.pick(JOBS)).to_owned(),
    }
}

fn slug(text: &str) -> String {
    datapass::connection::search::normalise(text).replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// A valid SIRET. A public body's SIREN starts with 2; the last digits of both parts make the sums right.
fn siret(number: usize) -> Siret {
    // No common divisor with the range: every number gives another, and neighbours differ in most digits.
    let siren = format!("2{:07}", (number * 7_654_321 + 1_234_567) % 10_000_000);
    let mut candidates = (0..10).flat_map(|key| {
        let siren = format!("{siren}{key}");
        (0..10).map(move |key| format!("{siren}0001{key}"))
    });
    let known = || -> Siret { "13002526500013".parse().unwrap_or_else(|_| unreachable!("the State’s own")) };
    candidates.find_map(|digits| digits.parse().ok()).unwrap_or_else(known)
}
