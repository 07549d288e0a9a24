namespace Flotilla.ClusterCore.ApiServer.Tests.Allocation;

[Collection(ServerCollection.Name)]
public sealed class ServiceAddressTests(RunningServer server)
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Networking = "/apis/networking.k8s.io/v1";

    [Fact]
    public async Task An_address_that_is_taken_has_an_object_that_says_by_whom()
    {
        var service = await server.CreateAsync(Services, """{"metadata":{"name":"owner"},"spec":{"ports":[{"port":80}]}}""");
        var path = $"{Networking}/ipaddresses/{service["spec.clusterIP"]}";
        var address = await server.GetAsync(path);
        Assert.Equal(("services", "default", "owner"), (address["spec.parentRef.resource"], address["spec.parentRef.namespace"], address["spec.parentRef.name"]));
        Assert.Equal("IPv4", address.Json["metadata"]!["labels"]!["ipaddress.kubernetes.io/ip-family"]!.ToString());
        await server.PatchAsync($"{Services}/owner", """{"spec":{"type":"ExternalName","externalName":"example.com","clusterIP":null,"clusterIPs":null}}""");
        Assert.Equal(404, (await server.GetAsync(path)).Code);
    }

    [Fact]
    public async Task A_network_that_is_added_extends_the_pool_and_one_that_is_deleted_shrinks_it()
    {
        const string body = """{"metadata":{"name":"NAME"},"spec":{"clusterIP":"10.112.0.9","ports":[{"port":80}]}}""";
        var before = await server.CreateAsync(Services, body.Replace("NAME", "extended", StringComparison.Ordinal));
        Assert.Equal(422, before.Code);
        Assert.Contains("the provided network does not match the current range", before.Message, StringComparison.Ordinal);
        var network = await server.CreateAsync($"{Networking}/servicecidrs", """{"metadata":{"name":"more"},"spec":{"cidrs":["10.112.0.0/24"]}}""");
        Assert.Equal("True", network["status.conditions.0.status"]);
        await TestKit.Eventually.TrueAsync(
            async () => (await server.CreateAsync(Services, body.Replace("NAME", "extended", StringComparison.Ordinal))).Code == 201, "the address can be had");
        await server.DeleteAsync($"{Networking}/servicecidrs/more");
        await server.DeleteAsync($"{Services}/extended");
        await TestKit.Eventually.TrueAsync(
            async () => (await server.CreateAsync($"{Services}?dryRun=All", body.Replace("NAME", "again", StringComparison.Ordinal))).Code == 422, "the network is gone");
    }

    [Fact]
    public async Task An_update_that_leaves_out_what_a_service_was_given_leaves_it_that()
    {
        const string body = """{"metadata":{"name":"kept"},"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","ports":[{"name":"a","port":80},{"name":"b","port":81}]}}""";
        var made = await server.CreateAsync(Services, body);
        var put = await server.UpdateAsync($"{Services}/kept", body);
        Assert.Equal(200, put.Code);
        foreach (var given in (string[])["spec.clusterIP", "spec.clusterIPs.0", "spec.ports.0.nodePort", "spec.ports.1.nodePort"])
        {
            Assert.NotEqual("", made[given]);
            Assert.Equal(made[given], put[given]);
        }
    }

    [Fact]
    public async Task A_dry_run_takes_no_address()
    {
        var dry = await server.CreateAsync($"{Services}?dryRun=All", """{"metadata":{"name":"dry"},"spec":{"clusterIP":"10.96.200.200","ports":[{"port":80}]}}""");
        Assert.Equal(201, dry.Code);
        Assert.Equal(404, (await server.GetAsync($"{Networking}/ipaddresses/10.96.200.200")).Code);
    }

    [Fact]
    public async Task What_a_crash_left_behind_is_repaired_at_start()
    {
        await using var other = new RunningServer();
        await other.InitializeAsync();
        var service = await other.CreateAsync(Services, """{"metadata":{"name":"kept"},"spec":{"ports":[{"port":80}]}}""");
        await other.DeleteAsync($"{Networking}/ipaddresses/{service["spec.clusterIP"]}");
        await other.CreateAsync(
            $"{Networking}/ipaddresses", """{"metadata":{"name":"10.96.9.9"},"spec":{"parentRef":{"resource":"services","namespace":"default","name":"lost"}}}""");
        await other.RestartAsync();
        Assert.Equal(200, (await other.GetAsync($"{Networking}/ipaddresses/{service["spec.clusterIP"]}")).Code);
        Assert.Equal(404, (await other.GetAsync($"{Networking}/ipaddresses/10.96.9.9")).Code);
    }
}
