# The role that a workflow assumes by OIDC. Use: module "s3_sync" { source = "…", subjects = […], policy = file("policy.json") }
# `policy` is the policy.json of a dry run (output `policy-path`): exactly what the run needs, keys of KMS included.
variable "subjects" {
  type        = list(string) # such as "repo:OWNER/REPO:ref:refs/heads/main"; docs/oidc.md tells its forms
  description = "The sub of the workflow's OIDC tokens, in each form that GitHub may give it"
}
variable "policy" { type = string }
variable "name" { default = "s3-sync" }
variable "create_provider" { default = true } # an account has one

locals { issuer = "token.actions.githubusercontent.com" }
data "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 0 : 1
  url   = "https://${local.issuer}"
}
resource "aws_iam_openid_connect_provider" "github" {
  count          = var.create_provider ? 1 : 0
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = concat(aws_iam_openid_connect_provider.github[*].arn, data.aws_iam_openid_connect_provider.github[*].arn)
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "${local.issuer}:sub"
      values   = var.subjects
    }
  }
}
resource "aws_iam_role" "sync" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_iam_role_policy" "sync" {
  role   = aws_iam_role.sync.id
  policy = var.policy
}
output "role_to_assume" { value = aws_iam_role.sync.arn }
