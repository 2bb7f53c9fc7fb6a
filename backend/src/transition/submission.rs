//! What a submission asks of others before its transaction begins: the register of organisations, the DNS, and the identity
//! provider.

use shared::user::User;

use super::facts::mail_domains;
use super::membership_check;
use crate::db::Db;
use crate::directory::Directory;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::enrollment;
use crate::outbound::dns::Domains;

/// Has the organisation of that request looked up, and the domains of its people's addresses; gives the user as their
/// provider knows them now.
///
/// # Errors
/// The database's.
pub async fn prepare(db: &Db, directory: &Directory, domains: &Domains, user: User, id: EnrollmentId) -> Result<User> {
    let draft = db.read(move |connection| Ok(enrollment::content(connection, id)?)).await?.unwrap_or_default();
    tokio::join!(directory.prepare(db, draft.siret.as_ref()), domains.look_up(mail_domains(&draft)));
    db.remember(move |connection| membership_check::refreshed(connection, user)).await
}
