"""What happens when a control is used: playing, generating, files. Flows join the document, the rooms below and panels."""
