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
        foreach (var given in (string[])["spec.clusterIP", "spec.clusterIPs.0", "spec.ports.0.nodePort", "spec.ports.1.nodePort", "spec.healthCheckNodePort"])
        {
            Assert.NotEqual("", made[given]);
            Assert.Equal(made[given], put[given]);
        }
    }

    [Fact]
    public async Task A_load_balancer_of_local_traffic_has_a_port_for_its_health_that_is_nobody_elses()
    {
        const string body = """{"metadata":{"name":"NAME"},"spec":{"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":PORT,"ports":[{"port":80}]}}""";
        string Named(string name, string port) => body.Replace("NAME", name, StringComparison.Ordinal).Replace("PORT", port, StringComparison.Ordinal);
        var made = await server.CreateAsync(Services, Named("health", "0"));
        var port = made["spec.healthCheckNodePort"];
        Assert.NotEqual("", port);
        var second = await server.CreateAsync(Services, Named("health-too", port));
        Assert.Equal((500, $"Internal error occurred: failed to allocate requested HealthCheck NodePort {port}: provided port is already allocated"), (second.Code, second.Message));
        Assert.Contains("spec.healthCheckNodePort: Forbidden: field is immutable", (await server.UpdateAsync($"{Services}/health", Named("health", "30009"))).Message, StringComparison.Ordinal);
        var global = await server.PatchAsync($"{Services}/health", """{"spec":{"externalTrafficPolicy":"Cluster"}}""");
        Assert.Equal((200, ""), (global.Code, global["spec.healthCheckNodePort"]));
        await TestKit.Eventually.TrueAsync(async () => (await server.CreateAsync($"{Services}?dryRun=All", Named("health-too", port))).Code == 201, "the port is free");
    }

    [Fact]
    public async Task Ports_of_one_number_share_a_node_port()
    {
        var made = await server.CreateAsync(
            Services, """{"metadata":{"name":"dns"},"spec":{"type":"NodePort","ports":[{"name":"tcp","port":53},{"name":"udp","port":53,"protocol":"UDP"},{"name":"web","port":80}]}}""");
        Assert.Equal(made["spec.ports.0.nodePort"], made["spec.ports.1.nodePort"]);
        Assert.NotEqual(made["spec.ports.0.nodePort"], made["spec.ports.2.nodePort"]);
    }

    [Theory]
    [InlineData(""" "clusterIP":"fd00::1" """, "spec.clusterIPs[0]: Invalid value: [\"fd00::1\"]: IPv6 is not configured on this cluster")]
    [InlineData(""" "ipFamilyPolicy":"RequireDualStack" """, "spec.ipFamilyPolicy: Invalid value: \"RequireDualStack\": this cluster is not configured for dual-stack services")]
    [InlineData(""" "ipFamilies":["IPv6"] """, "spec.ipFamilies[0]: Invalid value: \"IPv6\": not configured on this cluster")]
    [InlineData(""" "ipFamilies":["IPv4","IPv6"] """, "spec.ipFamilyPolicy: Invalid value: \"SingleStack\": must be 'RequireDualStack' or 'PreferDualStack' when multiple IP families are specified")]
    [InlineData(""" "clusterIP":"10.1.1.1" """, "spec.clusterIPs: Invalid value: [\"10.1.1.1\"]: failed to allocate IP 10.1.1.1: the provided network does not match the current range")]
    public async Task What_the_cluster_has_not_is_refused(string spec, string why)
    {
        var answer = await server.CreateAsync(Services, $$$"""{"metadata":{"name":"families"},"spec":{{{{spec}}},"ports":[{"port":80}]}}""");
        Assert.Equal((422, $"Service \"families\" is invalid: {why}"), (answer.Code, answer.Message));
    }

    [Theory, InlineData("", "RequireDualStack", "IPv6"), InlineData("""  "selector":{"a":"b"},""", "SingleStack", "")]
    public async Task A_headless_service_without_selector_is_of_both_families(string selector, string policy, string second)
    {
        var made = await server.CreateAsync($"{Services}?dryRun=All", $$$"""{"metadata":{"name":"headless"},"spec":{{{{selector}}}"clusterIP":"None"}}""");
        Assert.Equal(("None", policy, "IPv4", second), (made["spec.clusterIPs.0"], made["spec.ipFamilyPolicy"], made["spec.ipFamilies.0"], made["spec.ipFamilies.1"]));
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
