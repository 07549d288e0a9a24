using System.Buffers.Text;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Subresources;

[Collection(ServerCollection.Name)]
public sealed class TokenRequestTests(RunningServer server)
{
    private const string Token = "/api/v1/namespaces/default/serviceaccounts/default/token";

    [Fact]
    public async Task A_token_is_for_the_API_server_and_an_hour_unless_asked_otherwise()
    {
        var made = await server.CreateAsync(Token, "{}");
        Assert.Equal((201, "3600", "default", "default"), (made.Code, made["spec.expirationSeconds"], made["metadata.name"], made["metadata.namespace"]));
        Assert.Equal(["https://kubernetes.default.svc.cluster.local"], made.Json["spec"]!["audiences"]!.AsArray().Select(static one => one!.ToString()));
        var claims = ClaimsOf(made);
        Assert.Equal(("system:serviceaccount:default:default", 3600), (claims["sub"]!.ToString(), Number(claims, "exp") - Number(claims, "iat")));
        var expires = DateTimeOffset.Parse(made["status.expirationTimestamp"], CultureInfo.InvariantCulture).ToUnixTimeSeconds();
        Assert.InRange(Number(claims, "exp") - expires, 0, 1);
    }

    [Theory]
    [InlineData("600", 201), InlineData("4294967296", 201)]
    [InlineData("599", 422), InlineData("0", 422), InlineData("-1", 422), InlineData("4294967297", 422)]
    public async Task A_token_lives_from_ten_minutes_to_two_to_the_32_seconds(string seconds, int code)
    {
        var made = await server.CreateAsync(Token, $$$"""{"spec":{"expirationSeconds":{{{seconds}}}}}""");
        Assert.Equal(code, made.Code);
        if (code == 201)
        {
            Assert.Equal(long.Parse(seconds, CultureInfo.InvariantCulture), Number(ClaimsOf(made), "exp") - Number(ClaimsOf(made), "iat"));
            return;
        }

        var wrong = seconds.Length > 5 ? "may not specify a duration larger than 2^32 seconds" : "may not specify a duration less than 10 minutes";
        Assert.Equal($"TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: {seconds}: {wrong}", made.Message);
    }

    [Fact]
    public async Task Audiences_are_those_that_were_asked()
    {
        var made = await server.CreateAsync(Token, """{"spec":{"audiences":["vault","db"]}}""");
        Assert.Equal("""["vault","db"]""", ClaimsOf(made)["aud"]!.ToJsonString());
    }

    [Fact]
    public async Task A_token_names_the_pod_it_is_bound_to_and_its_node_even_one_that_is_gone()
    {
        var pod = await server.CreateAsync("/api/v1/namespaces/default/pods", """{"metadata":{"name":"binds"},"spec":{"nodeName":"nowhere","containers":[{"name":"c","image":"x"}]}}""");
        var made = await server.CreateAsync(Token, """{"spec":{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"binds"}}}""");
        var claims = ClaimsOf(made)["kubernetes.io"]!;
        Assert.Equal(
            (pod["metadata.uid"], """{"name":"nowhere"}""", "default"),
            (claims["pod"]!["uid"]!.ToString(), claims["node"]!.ToJsonString(), claims["namespace"]!.ToString()));
    }

    [Fact]
    public async Task A_token_binds_to_what_is_there_and_is_meant()
    {
        await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"stranger"}}""");
        await server.CreateAsync("/api/v1/namespaces/default/pods", """{"metadata":{"name":"strange"},"spec":{"serviceAccountName":"stranger","containers":[{"name":"c","image":"x"}]}}""");
        await server.CreateAsync("/api/v1/namespaces/default/secrets", """{"metadata":{"name":"bound"}}""");
        Assert.Equal((404, "secrets \"missing\" not found"), await BindAsync("Secret", "v1", "missing"));
        Assert.Equal((400, "cannot bind token for serviceaccount \"default\" to pod running with different serviceaccount name."), await BindAsync("Pod", "v1", "strange"));
        Assert.Equal((400, "cannot bind token to object of type /v1, Kind=ConfigMap"), await BindAsync("ConfigMap", "v1", "x"));
        Assert.Equal((400, "cannot bind token to object of type apps/v1, Kind=Pod"), await BindAsync("Pod", "apps/v1", "x"));
        Assert.Equal(
            (409, "Operation cannot be fulfilled on Secret \"bound\": the UID in the bound object reference (u1) does not match the UID in record. The object might have been deleted and then recreated"),
            await BindAsync("Secret", "v1", "bound", "u1"));
    }

    [Fact]
    public async Task What_the_body_names_is_the_account()
    {
        Assert.Equal(201, (await server.CreateAsync(Token, """{"metadata":{"name":"default","namespace":"default"}}""")).Code);
        var named = await server.CreateAsync(Token, """{"metadata":{"name":"other"}}""");
        Assert.Equal(
            (422, "TokenRequest.authentication.k8s.io \"default\" is invalid: metadata.name: Invalid value: \"other\": must match the service account name if specified"),
            (named.Code, named.Message));
        Assert.Equal(400, (await server.CreateAsync(Token, """{"metadata":{"namespace":"other"}}""")).Code);
        var missing = await server.CreateAsync("/api/v1/namespaces/default/serviceaccounts/missing/token", "{}");
        Assert.Equal((404, "serviceaccounts \"missing\" not found"), (missing.Code, missing.Message));
    }

    private async Task<(int Code, string Message)> BindAsync(string kind, string apiVersion, string name, string uid = "")
    {
        var refused = await server.CreateAsync(Token, $$$$"""{"spec":{"boundObjectRef":{"kind":"{{{{kind}}}}","apiVersion":"{{{{apiVersion}}}}","name":"{{{{name}}}}","uid":"{{{{uid}}}}"}}}""");
        return (refused.Code, refused.Message);
    }

    private static JsonObject ClaimsOf(Reply made)
    {
        Assert.True(made.Code == 201, made.Text);
        return JsonNode.Parse(Base64Url.DecodeFromChars(made["status.token"].Split('.')[1]))!.AsObject();
    }

    private static long Number(JsonObject claims, string name) => claims[name]!.GetValue<long>();
}
