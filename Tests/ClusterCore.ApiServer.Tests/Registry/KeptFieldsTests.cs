namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

/// <summary>What of an object is not the client's to say, or is said in two places.</summary>
[Collection(ServerCollection.Name)]
public sealed class KeptFieldsTests(RunningServer server)
{
    private const string Claims = "/api/v1/namespaces/default/persistentvolumeclaims?dryRun=All";

    [Theory]
    [InlineData("/apis/coordination.k8s.io/v1/namespaces/default/leases", """{"metadata":{"name":"dropped"},"spec":{"strategy":"Odd","preferredHolder":"a","holderIdentity":"b"}}""", "spec", """{"holderIdentity":"b"}""")]
    [InlineData("/api/v1/nodes", """{"metadata":{"name":"dropped"},"spec":{"configSource":{},"taints":[{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]}}""",
        "spec", """{"taints":[{"key":"node.kubernetes.io/not-ready","effect":"NoSchedule"}]}""")]
    [InlineData("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"dropped"},"secrets":[{"name":"a","namespace":"b","uid":"c"}]}""", "secrets", """[{"name":"a"}]""")]
    public async Task Fields_of_alpha_features_and_removed_ones_are_dropped(string path, string body, string field, string kept)
    {
        var made = await server.CreateAsync($"{path}?dryRun=All", body);
        Assert.True(made.Code == 201, made.Text);
        Assert.Equal(kept, made.Json[field]!.ToJsonString());
        Assert.Empty(made.Warnings);
    }

    [Theory]
    [InlineData(""" "dataSource":{"kind":"PersistentVolumeClaim","name":"a"} """, """{"kind":"PersistentVolumeClaim","name":"a"}""")]
    [InlineData(""" "dataSourceRef":{"apiGroup":"example.com","kind":"Image","name":"a"} """, """{"apiGroup":"example.com","kind":"Image","name":"a"}""")]
    [InlineData(""" "dataSource":{"apiGroup":"example.com","kind":"Image","name":"a"} """, null)]
    [InlineData(""" "dataSourceRef":{"kind":"PersistentVolumeClaim","name":"a","namespace":"other"} """, null)]
    public async Task What_a_claim_is_made_from_stands_in_both_fields(string source, string? expected)
    {
        var made = await server.CreateAsync(Claims, $$$"""
            {"metadata":{"name":"copied"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},{{{source}}}}}
            """);
        Assert.True(made.Code == 201, made.Text);
        foreach (var field in (string[])["dataSource", "dataSourceRef"]) { Assert.Equal(expected, made.Json["spec"]![field]?.ToJsonString()); }
    }

    [Fact]
    public async Task A_volume_says_since_when_it_is_in_its_phase()
    {
        const string volume = "/api/v1/persistentvolumes/phased";
        var made = await server.CreateAsync("/api/v1/persistentvolumes", """
            {"metadata":{"name":"phased"},"spec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1Gi"},"hostPath":{"path":"/x"}}}
            """);
        Assert.Equal(made["metadata.creationTimestamp"], made["status.lastPhaseTransitionTime"]);
        var same = await server.PatchAsync($"{volume}/status", """{"status":{"message":"a","lastPhaseTransitionTime":null}}""");
        Assert.Equal(made["status.lastPhaseTransitionTime"], same["status.lastPhaseTransitionTime"]);
        var told = await server.PatchAsync($"{volume}/status", """{"status":{"phase":"Available","lastPhaseTransitionTime":"2020-01-01T00:00:00Z"}}""");
        Assert.Equal("2020-01-01T00:00:00Z", told["status.lastPhaseTransitionTime"]);
        var moved = await server.PatchAsync($"{volume}/status", """{"status":{"phase":"Failed"}}""");
        Assert.NotEqual("2020-01-01T00:00:00Z", moved["status.lastPhaseTransitionTime"]);
    }

    [Fact]
    public async Task A_warning_shows_any_letters()
    {
        var made = await server.CreateAsync("/api/v1/namespaces/default/configmaps?dryRun=All&fieldValidation=Warn", """{"metadata":{"name":"letters"},"가나":1}""");
        Assert.Equal(201, made.Code);
        Assert.Single(made.Warnings);
    }
}
