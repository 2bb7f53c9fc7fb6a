DROP INDEX messages_by_user;
DROP INDEX documents_by_enrollment;
