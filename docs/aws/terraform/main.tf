# The IAM role that a workflow assumes with OIDC. Use: module "s3_sync" { source = "…", subjects = […], policy = file("policy.json") }
# `policy` is the policy.json of a dry run (output `policy-path`): exactly what the run needs, including KMS keys.
variable "subjects" {
  type        = list(string) # such as "repo:OWNER/REPO:ref:refs/heads/main"; see docs/oidc.md
  description = "The claim sub of the OIDC tokens of the workflow, in all forms that GitHub may use"
}
variable "policy" { type = string }
variable "name" { default = "s3-sync" }
variable "create_provider" { default = true } # an account can have only one per issuer
variable "issuer" { default = "token.actions.githubusercontent.com" } # GitHub Enterprise Server: HOSTNAME/_services/token

data "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 0 : 1
  url   = "https://${var.issuer}"
}
resource "aws_iam_openid_connect_provider" "github" {
  count          = var.create_provider ? 1 : 0
  url            = "https://${var.issuer}"
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
      variable = "${var.issuer}:aud"
      values   = ["sts.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "${var.issuer}:sub"
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
