using Flotilla.TestKit;

namespace Flotilla.ClusterCore.ApiServer.Tests.Reviews;

/// <summary>Token reviews, and what somebody is told of himself.</summary>
[Collection(ServerCollection.Name)]
public sealed class IdentityReviewTests(RunningServer server)
{
    private const string Accounts = "/api/v1/namespaces/default/serviceaccounts";
    private const string Reviews = "/apis/authentication.k8s.io/v1/tokenreviews";
    private const string Self = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    private const string Issuer = "https://kubernetes.default.svc.cluster.local";

    [Fact]
    public async Task A_good_token_is_told_with_its_user_and_the_audiences_that_were_asked()
    {
        var token = await TokenAsync("reviewed", """{"spec":{"audiences":["vault","db"]}}""");

        var review = await ReviewAsync(token, "vault", "other");

        Assert.Equal((201, "true", "system:serviceaccount:default:reviewed", "[\"vault\"]"),
            (review.Code, review["status.authenticated"], review["status.user.username"], review.Json["status"]!["audiences"]!.ToJsonString()));
        Assert.Equal("""["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"]""", review.Json["status"]!["user"]!["groups"]!.ToJsonString());
        Assert.StartsWith("JTI=", review.Json["status"]!["user"]!["extra"]!["authentication.kubernetes.io/credential-id"]![0]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_audiences_the_question_is_whether_the_API_server_takes_the_token()
    {
        var own = await ReviewAsync(await TokenAsync("asked", "{}"));
        Assert.Equal(("true", Issuer), (own["status.authenticated"], own["status.audiences.0"]));
        var other = await ReviewAsync(await TokenAsync("asked", """{"spec":{"audiences":["vault"]}}"""));
        Assert.Equal(
            (201, "", "{}", $"[invalid bearer token, token audiences [\"vault\"] is invalid for the target audiences [\"{Issuer}\"]]"),
            (other.Code, other["status.authenticated"], other["status.user"], other["status.error"]));
    }

    [Fact]
    public async Task What_is_no_token_of_this_cluster_is_just_invalid()
    {
        var review = await ReviewAsync("no.such.token");
        Assert.Equal((201, "", "invalid bearer token"), (review.Code, review["status.authenticated"], review["status.error"]));
    }

    [Fact]
    public async Task A_token_that_outlived_its_account_or_pod_is_told_so()
    {
        var token = await TokenAsync("leaving", "{}");
        await server.CreateAsync("/api/v1/namespaces/default/secrets", """{"metadata":{"name":"leaving"}}""");
        var bound = await TokenAsync("leaving", """{"spec":{"boundObjectRef":{"kind":"Secret","apiVersion":"v1","name":"leaving"}}}""");
        await server.DeleteAsync("/api/v1/namespaces/default/secrets/leaving");
        await Eventually.TrueAsync(async () => (await ReviewAsync(bound))["status.error"] == "[invalid bearer token, service account token has been invalidated]", "the secret is missed");
        await server.DeleteAsync($"{Accounts}/leaving");
        await Eventually.TrueAsync(async () => (await ReviewAsync(token))["status.error"] == "[invalid bearer token, serviceaccounts \"leaving\" not found]", "the account is missed");
    }

    [Fact]
    public async Task A_review_needs_a_token()
    {
        var refused = await server.CreateAsync(Reviews, "{}");
        Assert.Equal((400, "token is required for TokenReview in authentication"), (refused.Code, refused.Message));
    }

    [Fact]
    public async Task A_user_is_told_who_he_is()
    {
        using var ann = server.As("ann", "dev");
        var review = await RunningServer.SendAsync(ann, HttpMethod.Post, Self, "{}", "application/json");
        Assert.Equal((201, "ann"), (review.Code, review["status.userInfo.username"]));
        Assert.Equal("""["dev","system:authenticated"]""", review.Json["status"]!["userInfo"]!["groups"]!.ToJsonString());
        Assert.NotEqual("", review["metadata.creationTimestamp"]);
    }

    private async Task<string> TokenAsync(string account, string request)
    {
        await server.CreateAsync(Accounts, $$$"""{"metadata":{"name":"{{{account}}}"}}""");
        var made = await server.CreateAsync($"{Accounts}/{account}/token", request);
        Assert.True(made.Code == 201, made.Text);
        return made["status.token"];
    }

    private Task<Reply> ReviewAsync(string token, params string[] audiences) => server.CreateAsync(
        Reviews, $$$$"""{"spec":{"token":"{{{{token}}}}","audiences":[{{{{string.Join(',', audiences.Select(static one => $"\"{one}\""))}}}}]}}""");
}
