"""The contract as documents, made from the wire's structs: OpenAPI for REST, AsyncAPI for the socket.

Views and handlers know nothing of this. An app says what its views take and give in a module `schema`, which is
found by itself (`operations.describe`); commands and events carry their structs already.
"""
