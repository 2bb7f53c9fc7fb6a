//! One enrollment with everything that is shown beside it, read in one statement. Who may see which part of it is decided by
//! those who ask.
//!
//! Each part is a sub-select that brings JSON: on PostgreSQL a statement costs a round trip, whatever it reads.

use std::fmt;

use chrono::NaiveDateTime;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Nullable, Text};
use diesel::sqlite::Sqlite;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use shared::change_point::ChangePoint;
use shared::diff::{Change, Version};
use shared::document::{Document, DocumentType, ScanState};
use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::field::Field;
use shared::organization::{MembershipSource, Organization};
use shared::outbox::{MailRejection, UnreachableAddress};
use shared::policy::Delivery;
use shared::provisioning::{Provisioning, ProvisioningState};

use super::EnrollmentRecord;
use crate::connection::AnyConnection;
use crate::connection::types::{Json, utc};
use crate::ids::EnrollmentId;
use crate::models::user::shown_name;
use crate::on_each;
use crate::outbound::managers::{self, Remote};
use crate::schema::enrollments;

/// An enrollment with what is shown beside it.
#[derive(Debug)]
pub struct ShownEnrollment {
    pub record: EnrollmentRecord,
    pub beside: Beside,
}

/// What is shown beside an enrollment.
#[derive(Debug)]
pub struct Beside {
    /// The live files, by type, in the order in which they were joined.
    pub documents: Vec<Document>,
    /// What it was granted, newest first.
    pub authorisations: Vec<AuthorisationSummary>,
    /// The requests that renew it, oldest first; put away ones left out.
    pub copies: Vec<i64>,
    /// The requests that follow it in a chain, oldest first; put away ones left out.
    pub next: Vec<i64>,
    /// How many messages its applicant has not read.
    pub unread_by_applicant: i64,
    /// How many messages its instructors have not read.
    pub unread_by_instructors: i64,
    /// The name of who takes care of it.
    pub assignee: Option<String>,
    /// How its applicant speaks for its organisation.
    pub membership: Option<Organization>,
    /// Those of its people that mails do not reach.
    pub unreachable: Vec<UnreachableAddress>,
    /// What it is held against. While the applicant writes: the last submission. Afterwards: the one before it. An update
    /// that was not sent back yet: what is in force.
    pub reference: Option<Version>,
    /// The points of the request for changes that is being answered, or whose answer waits for a decision.
    pub points: Vec<ChangePoint>,
    /// The submission that these points are about.
    pub points_about: Option<Version>,
    /// The partial grant that its applicant has to answer.
    pub offer: Option<MadeOffer>,
}

/// A partial grant as it was offered.
#[derive(Debug)]
pub struct MadeOffer {
    /// Why not all of it.
    pub comment: String,
    /// What would change.
    pub changes: Vec<Change>,
    /// Who offers, as readers see them.
    pub author: String,
    pub created_at: NaiveDateTime,
}

/// How the engines call what makes a JSON array of rows, and one of values.
macro_rules! on_sqlite {
    (ARRAY) => {
        "json_group_array"
    };
    (TUPLE) => {
        "json_array"
    };
    ($sql:literal) => {
        $sql
    };
}

macro_rules! on_postgres {
    (ARRAY) => {
        "json_agg"
    };
    (TUPLE) => {
        "json_build_array"
    };
    ($sql:literal) => {
        $sql
    };
}

/// Parts of a row of `enrollments`. Written as SQL of their own type, and not with `diesel::dsl::sql`, they leave the
/// statement one that is prepared once.
macro_rules! parts {
    ($($name:ident = [$($sql:tt)+];)+) => {$(
        #[derive(Clone, Copy, Debug, QueryId)]
        struct $name;

        impl Expression for $name {
            type SqlType = Nullable<Text>;
        }

        impl SelectableExpression<enrollments::table> for $name {}
        impl AppearsOnTable<enrollments::table> for $name {}

        impl ValidGrouping<()> for $name {
            type IsAggregate = is_aggregate::Never;
        }

        impl QueryFragment<Sqlite> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql(concat!("(SELECT ", $(on_sqlite!($sql)),+, ")"));
                Ok(())
            }
        }

        impl QueryFragment<Pg> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql(concat!("(SELECT ", $(on_postgres!($sql)),+, ")"));
                Ok(())
            }
        }
    )+};
}

parts! {
    Documents = [
        "CAST(" ARRAY "(" TUPLE "(file.id, file.kind, file.filename, file.size, file.sha256, file.created_at, file.scan) \
            ORDER BY file.kind, file.id) AS TEXT) FROM documents AS file \
            WHERE file.enrollment_id = enrollments.id AND file.replaced_at IS NULL"
    ];
    Authorisations = [
        "CAST(" ARRAY "(" TUPLE "(granted.id, granted.state, granted.created_at, granted.ended_at) ORDER BY granted.id DESC) \
            AS TEXT) FROM authorisations AS granted WHERE granted.enrollment_id = enrollments.id"
    ];
    Provisionings = [
        "CAST(" ARRAY "(" TUPLE "(opened.authorisation_id, opened.manager, opened.state, opened.remote, opened.link, \
            opened.opened_at, opened.failing_since, opened.error) ORDER BY opened.manager) AS TEXT) \
            FROM provisionings AS opened WHERE opened.enrollment_id = enrollments.id"
    ];
    Related = [
        "CAST(" ARRAY "(" TUPLE "(other.id, other.copied_from_id) ORDER BY other.id) AS TEXT) FROM enrollments AS other \
            WHERE (other.copied_from_id = enrollments.id OR other.previous_enrollment_id = enrollments.id) \
            AND other.status NOT IN ('archived', 'deleted')"
    ];
    Unread = [
        "CAST(" TUPLE "(\
            (SELECT count(*) FROM messages AS one WHERE one.enrollment_id = enrollments.id \
                AND one.audience = 'applicant' AND one.read_at IS NULL), \
            (SELECT count(*) FROM messages AS one WHERE one.enrollment_id = enrollments.id \
                AND one.audience = 'instructors' AND one.read_at IS NULL)) AS TEXT)"
    ];
    Assignee = [
        "CAST(" TUPLE "(person.given_name, person.family_name, person.email) AS TEXT) FROM users AS person \
            WHERE person.id = enrollments.assigned_to"
    ];
    Membership = [
        "CAST(" TUPLE "(member.label, member.source, CAST(member.is_verified AS INTEGER)) AS TEXT) \
            FROM user_organizations AS member \
            WHERE member.user_id = enrollments.demandeur_id AND member.siret = enrollments.siret"
    ];
    Unreachable = [
        "CAST(" ARRAY "(" TUPLE "(address.email, address.rejection, CAST(address.permanent AS INTEGER)) \
            ORDER BY address.email) AS TEXT) FROM unreachable_addresses AS address \
            WHERE address.email = lower(enrollments.demandeur_email) OR address.email IN \
            (SELECT lower(reader.email) FROM enrollment_readers AS reader WHERE reader.enrollment_id = enrollments.id)"
    ];
    Reference = [
        "CASE \
            WHEN enrollments.status = 'changes_requested' AND NOT enrollments.offered THEN \
                (SELECT event.snapshot FROM events AS event WHERE event.enrollment_id = enrollments.id \
                AND event.name = 'submit' ORDER BY event.id DESC LIMIT 1) \
            WHEN enrollments.resubmitted THEN \
                (SELECT event.snapshot FROM events AS event WHERE event.enrollment_id = enrollments.id \
                AND event.name = 'submit' ORDER BY event.id DESC LIMIT 1 OFFSET 1) \
            WHEN enrollments.reopening THEN \
                (SELECT granted.version FROM authorisations AS granted WHERE granted.enrollment_id = enrollments.id \
                AND granted.state = 'active') \
            END"
    ];
    // An offer that stands, or was declined, is no request for changes: that of before counts if it was answered.
    Points = [
        "CAST(" ARRAY "(" TUPLE "(point.id, point.field, point.scope, point.comment, point.answer, point.answered_at) \
            ORDER BY point.id) AS TEXT) FROM change_points AS point WHERE \
            (enrollments.resubmitted AND enrollments.status IN ('changes_requested', 'submitted') \
                OR enrollments.status = 'changes_requested' AND NOT enrollments.offered) \
            AND point.enrollment_id = enrollments.id AND point.event_id = \
                (SELECT max(asked.id) FROM events AS asked WHERE asked.enrollment_id = enrollments.id \
                AND asked.name = 'request_changes')"
    ];
    PointsAbout = [
        "CASE WHEN enrollments.resubmitted OR enrollments.status = 'changes_requested' THEN \
            (SELECT event.snapshot FROM events AS event WHERE event.enrollment_id = enrollments.id \
            AND event.name = 'submit' AND event.id < \
                (SELECT max(point.event_id) FROM change_points AS point WHERE point.enrollment_id = enrollments.id) \
            ORDER BY event.id DESC LIMIT 1) END"
    ];
    OfferMade = [
        "CASE WHEN enrollments.offered THEN (SELECT CAST(" TUPLE "(event.comment, event.changes, event.created_at, \
            person.given_name, person.family_name, person.email) AS TEXT) \
            FROM events AS event JOIN users AS person ON person.id = event.user_id \
            WHERE event.enrollment_id = enrollments.id AND event.name = 'offer_partial_grant' \
            ORDER BY event.id DESC LIMIT 1) END"
    ];
}

/// A time within JSON: each engine writes it in its own way.
#[derive(Debug)]
struct Time(NaiveDateTime);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl serde::de::Visitor<'_> for Text {
            type Value = Time;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a time")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
                let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").or_else(|_| text.parse());
                parsed.map(Time).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

type List<T> = Option<Json<Vec<T>>>;
type DocumentPart = (i64, DocumentType, String, i64, String, Time, Option<ScanState>);
type AuthorisationPart = (i64, AuthorisationState, Time, Option<Time>);
type ProvisioningPart = (i64, Delivery, ProvisioningState, String, String, Option<Time>, Option<Time>, String);
type PointPart = (i64, Field, Option<String>, String, String, Option<Time>);
type OfferPart = (String, String, Time, String, String, String);
type Parts = (
    List<DocumentPart>,
    List<AuthorisationPart>,
    List<ProvisioningPart>,
    List<(i64, Option<i64>)>,
    Option<Json<(i64, i64)>>,
    Option<Json<(String, String, String)>>,
    Option<Json<(String, MembershipSource, u8)>>,
    List<(String, MailRejection, u8)>,
    Option<Json<Version>>,
    List<PointPart>,
    Option<Json<Version>>,
    Option<Json<OfferPart>>,
);

/// The enrollment of that number, with what is shown beside it.
///
/// # Errors
/// There is none, or the database's.
pub fn find(connection: &mut AnyConnection, id: EnrollmentId) -> QueryResult<ShownEnrollment> {
    let parts = (
        Documents,
        Authorisations,
        Provisionings,
        Related,
        Unread,
        Assignee,
        Membership,
        Unreachable,
        Reference,
        Points,
        PointsAbout,
        OfferMade,
    );
    let (record, parts): (EnrollmentRecord, Parts) = on_each!(connection, c => {
        enrollments::table.find(id).select((EnrollmentRecord::as_select(), parts)).first(c)
    })?;
    let beside = beside(&record, parts)?;
    Ok(ShownEnrollment { record, beside })
}

fn beside(record: &EnrollmentRecord, parts: Parts) -> QueryResult<Beside> {
    let (
        documents,
        granted,
        opened,
        related,
        unread,
        assignee,
        membership,
        unreachable,
        reference,
        points,
        about,
        offer,
    ) = parts;
    let (copies, next): (Vec<_>, Vec<_>) =
        list(related).into_iter().partition(|(_, original)| *original == Some(record.id.0));
    let (unread_by_applicant, unread_by_instructors) = unread.map(|counts| counts.0).unwrap_or_default();
    let siret = record.content.0.siret.clone();
    Ok(Beside {
        documents: list(documents).into_iter().map(document).collect(),
        authorisations: authorisations(list(granted), list(opened))?,
        copies: copies.into_iter().map(|(id, _)| id).collect(),
        next: next.into_iter().map(|(id, _)| id).collect(),
        unread_by_applicant,
        unread_by_instructors,
        assignee: assignee.map(|name| shown_name(name.0)),
        membership: membership.zip(siret).map(|(Json((label, source, is_verified)), siret)| Organization {
            siret,
            label,
            source,
            is_verified: is_verified != 0,
        }),
        unreachable: list(unreachable)
            .into_iter()
            .map(|(email, rejection, permanent)| UnreachableAddress { email, rejection, permanent: permanent != 0 })
            .collect(),
        reference: reference.map(|version| version.0),
        points: list(points).into_iter().map(point).collect(),
        points_about: about.map(|version| version.0),
        offer: offer.map(|offer| made_offer(offer.0)).transpose()?,
    })
}

fn list<T: fmt::Debug>(part: List<T>) -> Vec<T> {
    part.map(|list| list.0).unwrap_or_default()
}

fn document((id, kind, filename, size, sha256, created_at, scan): DocumentPart) -> Document {
    Document { id, kind, filename, size, sha256, created_at: utc(created_at.0), scan }
}

fn point((id, field, scope, comment, answer, answered_at): PointPart) -> ChangePoint {
    ChangePoint { id, field, scope, comment, answer, answered_at: answered_at.map(|at| utc(at.0)), change: None }
}

fn made_offer((comment, changes, created_at, given_name, family_name, email): OfferPart) -> QueryResult<MadeOffer> {
    let author = shown_name((given_name, family_name, email));
    Ok(MadeOffer { comment, changes: within(&changes)?, author, created_at: created_at.0 })
}

/// Reads what is kept as JSON text and came within JSON.
fn within<T: DeserializeOwned>(text: &str) -> QueryResult<T> {
    serde_json::from_str(text).map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}

fn authorisations(
    granted: Vec<AuthorisationPart>,
    opened: Vec<ProvisioningPart>,
) -> QueryResult<Vec<AuthorisationSummary>> {
    let mut found: Vec<AuthorisationSummary> = granted
        .into_iter()
        .map(|(id, state, created_at, ended_at)| AuthorisationSummary {
            id,
            state,
            created_at: utc(created_at.0),
            ended_at: ended_at.map(|at| utc(at.0)),
            provisionings: Vec::new(),
        })
        .collect();
    for (authorisation, manager, state, remote, link, opened_at, failing_since, error) in opened {
        let provisioning = Provisioning {
            manager,
            state,
            unconfirmed: managers::unconfirmed(&within::<Remote>(&remote)?),
            link,
            opened_at: opened_at.map(|at| utc(at.0)),
            failing_since: failing_since.map(|at| utc(at.0)),
            error,
        };
        if let Some(summary) = found.iter_mut().find(|summary| summary.id == authorisation) {
            summary.provisionings.push(provisioning);
        }
    }
    Ok(found)
}
