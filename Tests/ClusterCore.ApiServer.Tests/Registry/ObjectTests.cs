using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Flotilla.ClusterCore.ApiServer.Tests.Watching;

namespace Flotilla.ClusterCore.ApiServer.Tests.Registry;

[Collection(ServerCollection.Name)]
public sealed class ObjectTests(RunningServer server)
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private const string Deployments = "/apis/apps/v1/namespaces/default/deployments";

    private static string Map(string name, string value = "1", string extra = "") =>
        "{\"metadata\":{\"name\":\"" + name + "\"" + extra + "},\"data\":{\"key\":\"" + value + "\"}}";

    private static string Deployment(string name, int replicas = 1) => """
        {"metadata":{"name":"NAME"},"spec":{"replicas":COUNT,"selector":{"matchLabels":{"app":"x"}},
         "template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"busybox"}]}}}}
        """.Replace("NAME", name, StringComparison.Ordinal).Replace("COUNT", replicas.ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task The_server_owns_the_metadata_of_a_new_object()
    {
        var made = await server.CreateAsync(Maps, Map("owned", extra: ",\"uid\":\"mine\",\"creationTimestamp\":\"2001-01-01T00:00:00Z\",\"selfLink\":\"x\""));
        Assert.Equal(201, made.Code);
        Assert.Equal("ConfigMap", made["kind"]);
        Assert.Equal("default", made["metadata.namespace"]);
        Assert.NotEqual("mine", made["metadata.uid"]);
        Assert.DoesNotContain("2001", made["metadata.creationTimestamp"], StringComparison.Ordinal);
        Assert.True(long.Parse(made["metadata.resourceVersion"]) > 0);
        Assert.Equal(made.Text, (await server.GetAsync($"{Maps}/owned")).Text);
    }

    [Theory]
    [InlineData("NodePort", """ "type":"NodePort",""")]
    [InlineData("ClusterIP", "")]
    public async Task A_service_sent_back_with_another_type_only_loses_what_that_type_has_not(string type, string spec)
    {
        const string services = "/api/v1/namespaces/default/services";
        var name = $"was-{type.ToLowerInvariant()}";
        var service = (await server.CreateAsync(services, $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{ {{{spec}}} "ports":[{"port":80}]} }""")).Json;
        service["spec"]!["type"] = "ExternalName";
        service["spec"]!["externalName"] = "example.com";
        var changed = await RunningServer.SendAsync(server.Admin, HttpMethod.Put, $"{services}/{name}", service.ToJsonString(), "application/json");
        Assert.Equal(200, changed.Code);
        Assert.Equal(["externalName", "ports", "sessionAffinity", "type"], changed.Json["spec"]!.AsObject().Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Null(changed.Json["spec"]!["ports"]![0]!["nodePort"]);
    }

    [Fact]
    public async Task A_priority_class_has_a_first_generation_and_no_other()
    {
        const string classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
        Assert.Equal("1", (await server.CreateAsync(classes, """{"metadata":{"name":"generation"},"value":1}"""))["metadata.generation"]);
        var changed = await server.PatchAsync($"{classes}/generation", """{"description":"other"}""");
        Assert.Equal(("1", "other"), (changed["metadata.generation"], changed["description"]));
    }

    [Fact]
    public async Task A_scale_is_of_the_object_that_it_names()
    {
        await server.CreateAsync(Deployments, Deployment("scaled-by-name", 0));
        var other = await server.UpdateAsync($"{Deployments}/scaled-by-name/scale", """{"metadata":{"name":"other"},"spec":{"replicas":0}}""");
        Assert.Equal((400, "the name of the object (other) does not match the name on the URL (scaled-by-name)"), (other.Code, other.Message));
        var gone = await server.UpdateAsync($"{Deployments}/scaled-by-name/scale", """{"metadata":{"name":"scaled-by-name","uid":"u-1"},"spec":{"replicas":0}}""");
        Assert.Equal(409, gone.Code);
        Assert.Contains("Precondition failed: UID in precondition: u-1, UID in object meta: ", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_still_reads_endpoints_is_told_what_to_read_instead()
    {
        var list = await server.GetAsync("/api/v1/namespaces/default/endpoints");
        Assert.Equal("""299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice" """.TrimEnd(), Assert.Single(list.Warnings));
        Assert.Empty((await server.GetAsync("/api/v1/namespaces/default/services")).Warnings);
    }

    [Fact]
    public async Task A_second_object_of_the_same_name_is_refused()
    {
        await server.CreateAsync(Maps, Map("twice"));
        var second = await server.CreateAsync(Maps, Map("twice"));
        Assert.Equal((409, "AlreadyExists", "configmaps \"twice\" already exists"), (second.Code, second.Reason, second.Message));
    }

    [Fact]
    public async Task A_new_object_may_not_bring_a_resource_version()
    {
        var refused = await server.CreateAsync(Maps, Map("versioned", extra: ",\"resourceVersion\":\"5\""));
        Assert.Equal((400, "resourceVersion should not be set on objects to be created"), (refused.Code, refused.Message));
        Assert.Equal(201, (await server.CreateAsync($"{Maps}?dryRun=All", Map("versioned", extra: ",\"resourceVersion\":\"5\""))).Code);
    }

    [Fact]
    public async Task Of_kinds_without_a_generation_of_their_own_it_is_the_clients()
    {
        var made = await server.CreateAsync($"{Maps}?dryRun=All", Map("counted", extra: ",\"generation\":5"));
        Assert.Equal("5", made["metadata.generation"]);
        var refused = await server.CreateAsync($"{Maps}?dryRun=All", Map("counted", extra: ",\"generation\":-1"));
        Assert.Contains("metadata.generation: Invalid value: -1: must be greater than or equal to 0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_range_needs_no_name()
    {
        var made = await server.CreateAsync("/api/v1/namespaces/default/limitranges?dryRun=All", """{"spec":{"limits":[{"type":"Pod"}]}}""");
        Assert.True(Guid.TryParse(made["metadata.name"], out _), made.Text);
    }

    [Fact]
    public async Task Names_are_generated_from_a_prefix()
    {
        var made = await server.CreateAsync(Maps, """{"metadata":{"generateName":"prefix-"}}""");
        Assert.Matches("^prefix-[a-z0-9]{5}$", made["metadata.name"]);
    }

    [Fact]
    public async Task A_missing_object_is_not_found_by_name_and_kind()
    {
        var missing = await server.GetAsync($"{Deployments}/absent");
        Assert.Equal((404, "NotFound", "deployments.apps \"absent\" not found"), (missing.Code, missing.Reason, missing.Message));
        Assert.Equal(("absent", "apps", "deployments"), (missing["details.name"], missing["details.group"], missing["details.kind"]));
    }

    [Fact]
    public async Task An_update_of_an_old_version_is_a_conflict()
    {
        var made = await server.CreateAsync(Maps, Map("stale"));
        await server.PatchAsync($"{Maps}/stale", """{"data":{"key":"2"}}""");
        var conflict = await server.UpdateAsync($"{Maps}/stale", made.Text);
        Assert.Equal((409, "Conflict"), (conflict.Code, conflict.Reason));
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"stale\": the object has been modified; please apply your changes to the latest version and try again",
            conflict.Message);
    }

    [Fact]
    public async Task An_update_that_changes_nothing_keeps_the_resource_version()
    {
        var made = await server.CreateAsync(Maps, Map("same"));
        var again = await server.UpdateAsync($"{Maps}/same", made.Text);
        var patched = await server.PatchAsync($"{Maps}/same", """{"data":{"key":"1"}}""");
        Assert.Equal(made["metadata.resourceVersion"], again["metadata.resourceVersion"]);
        Assert.Equal(made["metadata.resourceVersion"], patched["metadata.resourceVersion"]);
    }

    [Fact]
    public async Task Version_0_is_whichever_there_is()
    {
        var made = await server.CreateAsync(Maps, Map("any-version", extra: ",\"resourceVersion\":\"0\""));
        Assert.Equal(201, made.Code);
        var same = await server.UpdateAsync($"{Maps}/any-version", Map("any-version", extra: ",\"resourceVersion\":\"0\""));
        Assert.Equal((200, made["metadata.resourceVersion"]), (same.Code, same["metadata.resourceVersion"]));
        var changed = await server.UpdateAsync($"{Maps}/any-version", Map("any-version", "2", ",\"resourceVersion\":\"0\""));
        Assert.Equal((200, "2"), (changed.Code, changed["data.key"]));
        const string leases = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
        await server.CreateAsync(leases, """{"metadata":{"name":"some-version"}}""");
        var blind = await server.UpdateAsync($"{leases}/some-version", """{"metadata":{"name":"some-version","resourceVersion":"0"}}""");
        Assert.Equal((422, "metadata.resourceVersion"), (blind.Code, blind["details.causes.0.field"]));
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_spec_only()
    {
        var made = await server.CreateAsync(Deployments, Deployment("counted"));
        Assert.Equal("1", made["metadata.generation"]);
        var labelled = await server.PatchAsync($"{Deployments}/counted", """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Equal("1", labelled["metadata.generation"]);
        var scaled = await server.PatchAsync($"{Deployments}/counted", """{"spec":{"replicas":7}}""");
        Assert.Equal("2", scaled["metadata.generation"]);
    }

    [Fact]
    public async Task Status_changes_through_its_own_endpoint_only()
    {
        await server.CreateAsync(Deployments, Deployment("parted"));
        var ignored = await server.PatchAsync($"{Deployments}/parted", """{"status":{"replicas":3}}""");
        Assert.Equal("", ignored["status.replicas"]);
        var taken = await server.PatchAsync($"{Deployments}/parted/status", """{"spec":{"replicas":9},"status":{"replicas":3}}""");
        Assert.Equal(("3", "1"), (taken["status.replicas"], taken["spec.replicas"]));
    }

    [Fact]
    public async Task Scale_reads_and_writes_the_replicas()
    {
        await server.CreateAsync(Deployments, Deployment("scaled", 2));
        var scale = await server.GetAsync($"{Deployments}/scaled/scale");
        Assert.Equal(("Scale", "2", "app=x"), (scale["kind"], scale["spec.replicas"], scale["status.selector"]));
        var patched = await server.PatchAsync($"{Deployments}/scaled/scale", """{"spec":{"replicas":4}}""");
        Assert.Equal("4", patched["spec.replicas"]);
        Assert.Equal("4", (await server.GetAsync($"{Deployments}/scaled"))["spec.replicas"]);
    }

    [Theory, InlineData("Strict", 400), InlineData("Warn", 201), InlineData("Ignore", 201)]
    public async Task Unknown_fields_are_refused_warned_of_or_dropped(string validation, int code)
    {
        var body = Map("unknown-" + validation.ToLowerInvariant()).Replace("\"data\"", "\"dada\":1,\"data\"", StringComparison.Ordinal);
        var reply = await server.CreateAsync($"{Maps}?fieldValidation={validation}", body);
        Assert.Equal(code, reply.Code);
        Assert.Equal(validation == "Warn", reply.Warnings.Length == 1 && reply.Warnings[0].Contains("unknown field \\\"dada\\\"", StringComparison.Ordinal));
    }

    [Theory, InlineData("Strict", 400), InlineData("Warn", 201), InlineData("Ignore", 201)]
    public async Task Duplicate_fields_are_refused_warned_of_or_the_last_counts(string validation, int code)
    {
        var body = Map("twice-" + validation.ToLowerInvariant()).Replace("\"data\"", "\"data\":{\"key\":\"0\"},\"data\"", StringComparison.Ordinal);
        var reply = await server.CreateAsync($"{Maps}?fieldValidation={validation}", body);
        Assert.Equal(code, reply.Code);
        Assert.Equal(validation == "Warn", reply.Warnings.Length == 1 && reply.Warnings[0].Contains("duplicate field \\\"data\\\"", StringComparison.Ordinal));
        if (code == 201) { Assert.Equal("1", reply["data.key"]); }
    }

    [Fact]
    public async Task A_refusal_is_a_whole_status()
    {
        const string start = """{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":""";
        Assert.Equal(
            start + """ "configmaps \"no-such\" not found","reason":"NotFound","details":{"name":"no-such","kind":"configmaps"},"code":404}""".TrimStart(),
            (await server.GetAsync($"{Maps}/no-such")).Text.TrimEnd());
        await server.CreateAsync(Maps, Map("whole"));
        Assert.Equal(
            start + """ "configmaps \"whole\" already exists","reason":"AlreadyExists","details":{"name":"whole","kind":"configmaps"},"code":409}""".TrimStart(),
            (await server.CreateAsync(Maps, Map("whole"))).Text.TrimEnd());
        var invalid = await server.CreateAsync("/apis/apps/v1/namespaces/default/controllerrevisions", """{"metadata":{"name":"A"},"revision":-1,"data":{}}""");
        Assert.Equal(
            ("Invalid", "apps", "ControllerRevision", "A", "FieldValueInvalid", "metadata.name", "FieldValueInvalid", "revision"),
            (invalid.Reason, invalid["details.group"], invalid["details.kind"], invalid["details.name"], invalid["details.causes.0.reason"], invalid["details.causes.0.field"], invalid["details.causes.1.reason"], invalid["details.causes.1.field"]));
    }

    [Fact]
    public async Task Reads_lists_and_watches_send_the_same_bytes()
    {
        await server.CreateAsync(Maps, Map("bytes"));
        var bytes = (await server.GetAsync($"{Maps}/bytes")).Text.TrimEnd();
        Assert.Contains(bytes, (await server.GetAsync($"{Maps}?fieldSelector=metadata.name=bytes")).Text, StringComparison.Ordinal);
        await using var watch = await OpenWatch.StartAsync(server.Admin, $"{Maps}?watch=1&fieldSelector=metadata.name=bytes");
        Assert.Equal(bytes, (await watch.NextEventAsync())["object"]!.ToJsonString());
    }

    [Fact]
    public async Task A_dry_run_stores_nothing()
    {
        var made = await server.CreateAsync($"{Maps}?dryRun=All", Map("dry"));
        Assert.Equal(201, made.Code);
        Assert.Equal(404, (await server.GetAsync($"{Maps}/dry")).Code);
    }

    [Fact]
    public async Task An_invalid_object_is_refused_with_the_path_of_what_is_wrong()
    {
        var refused = await server.CreateAsync(Maps, """{"metadata":{"name":"Not_A_Name"}}""");
        Assert.Equal((422, "Invalid", "metadata.name"), (refused.Code, refused.Reason, refused["details.causes.0.field"]));
    }

    [Fact]
    public async Task A_pod_is_bound_once()
    {
        const string pods = "/api/v1/namespaces/default/pods";
        await server.CreateAsync(pods, """{"metadata":{"name":"bound"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        await server.CreateAsync($"{pods}/bound/binding", """{"metadata":{"labels":{"zone":"z"}},"target":{"kind":"Node","name":"n1"}}""");
        var second = await server.CreateAsync($"{pods}/bound/binding", """{"target":{"kind":"Node","name":"n2"}}""");
        Assert.Equal((409, "Operation cannot be fulfilled on pods/binding \"bound\": pod bound is already assigned to node \"n1\""), (second.Code, second.Message));
        var bound = await server.GetAsync($"{pods}/bound");
        Assert.Equal(("n1", "z", "PodScheduled"), (bound["spec.nodeName"], bound["metadata.labels.zone"], bound["status.conditions.0.type"]));
        Assert.DoesNotContain("f:nodeName", bound.Json["metadata"]!["managedFields"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_get_addresses_and_ports_of_their_own()
    {
        const string services = "/api/v1/namespaces/default/services";
        var made = await server.CreateAsync(services, """{"metadata":{"name":"web"},"spec":{"type":"NodePort","ports":[{"port":80}]}}""");
        Assert.StartsWith("10.96.", made["spec.clusterIP"], StringComparison.Ordinal);
        Assert.InRange(int.Parse(made["spec.ports.0.nodePort"]), 30000, 32767);
        var taken = await server.CreateAsync(services, $$$$"""{"metadata":{"name":"web2"},"spec":{"clusterIP":"{{{{made["spec.clusterIP"]}}}}","ports":[{"port":80}]}}""");
        Assert.Equal(422, taken.Code);
        Assert.Contains("provided IP is already allocated", taken.Message, StringComparison.Ordinal);
        await server.DeleteAsync($"{services}/web");
        var free = await server.CreateAsync(services, $$$$"""{"metadata":{"name":"web2"},"spec":{"clusterIP":"{{{{made["spec.clusterIP"]}}}}","ports":[{"port":80}]}}""");
        Assert.Equal(201, free.Code);
    }

    [Fact]
    public async Task Pods_find_the_token_of_their_service_account()
    {
        var pod = await server.CreateAsync("/api/v1/namespaces/default/pods", """{"metadata":{"name":"tokened"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");
        Assert.Equal("default", pod["spec.serviceAccountName"]);
        Assert.Equal("/var/run/secrets/kubernetes.io/serviceaccount", pod["spec.containers.0.volumeMounts.0.mountPath"]);
        Assert.Equal("Pending", pod["status.phase"]);
        Assert.Equal("0", pod["spec.priority"]);
    }

    [Fact]
    public async Task A_job_selects_its_pods_by_its_uid()
    {
        var job = await server.CreateAsync("/apis/batch/v1/namespaces/default/jobs", """
            {"metadata":{"name":"once"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"x"}]}}}}
            """);
        Assert.Equal(201, job.Code);
        var uid = job["metadata.uid"];
        Assert.Equal(uid, job.Json["spec"]!["selector"]!["matchLabels"]!["batch.kubernetes.io/controller-uid"]!.ToString());
        Assert.Equal("once", job.Json["spec"]!["template"]!["metadata"]!["labels"]!["job-name"]!.ToString());
    }

    [Fact]
    public async Task A_certificate_request_says_who_made_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = new CertificateRequest("CN=robot", key, HashAlgorithmName.SHA256).CreateSigningRequestPem();
        var made = await server.CreateAsync("/apis/certificates.k8s.io/v1/certificatesigningrequests", """
            {"metadata":{"name":"asked"},"spec":{"request":"PEM","signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"],"username":"somebody"}}
            """.Replace("PEM", Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)), StringComparison.Ordinal));
        Assert.Equal((201, "kubernetes-admin", "system:masters"), (made.Code, made["spec.username"], made["spec.groups.0"]));
    }
}
