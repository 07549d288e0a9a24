using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission;

[Collection(ServerCollection.Name)]
public sealed class WarningTests(RunningServer server)
{
    private const string Main = """ "containers":[{"name":"main","image":"nginx"}] """;

    [Theory]
    [InlineData("a", Main)]
    [InlineData("a.b", Main, "metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]")]
    [InlineData("a", "\"nodeSelector\":{\"beta.kubernetes.io/os\":\"linux\"}," + Main, "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead")]
    [InlineData("a", """ "affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"node-role.kubernetes.io/master","operator":"Exists"}]}]}}}, """ + Main,
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[0].key: node-role.kubernetes.io/master is use \"node-role.kubernetes.io/control-plane\" instead")]
    [InlineData("a", """ "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway"}], """ + Main,
        "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod")]
    [InlineData("a", """ "affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"zone"}}]}}, """ + Main,
        "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector: a null labelSelector results in matching no pod")]
    [InlineData("a", """ "terminationGracePeriodSeconds":-1, """ + Main)]
    [InlineData("a", """ "containers":[{"name":"main","image":"nginx","ports":[{"containerPort":80,"name":"web"}]},{"name":"side","image":"nginx","ports":[{"containerPort":81,"name":"web"}]}] """,
        "spec.containers[1].ports[0]: duplicate port name \"web\" with spec.containers[0].ports[0], services and probes that select ports by name will use spec.containers[0].ports[0]")]
    [InlineData("a", """ "imagePullSecrets":[{"name":"a"},{"name":"a"},{"name":""}], """ + Main,
        "spec.imagePullSecrets[1].name: duplicate name \"a\"", "spec.imagePullSecrets[2].name: invalid empty name \"\"")]
    [InlineData("a", """ "hostAliases":[{"ip":"1.2.3.4","hostnames":["a"]},{"ip":"1.2.3.4","hostnames":["b"]}], """ + Main, "spec.hostAliases[1].ip: duplicate ip \"1.2.3.4\"")]
    [InlineData("a", """ "containers":[{"name":"main","image":"nginx","env":[{"name":"A","value":"1"},{"name":"A","value":"$(A)2"},{"name":"A","value":"3"}]}] """,
        "spec.containers[0].env[2]: hides previous definition of \"A\", which may be dropped when using apply")]
    [InlineData("a", """ "containers":[{"name":"main","image":"nginx","resources":{"requests":{"memory":"128m"}}}] """,
        "spec.containers[0].resources.requests[memory]: fractional byte value \"128m\" is invalid, must be an integer")]
    [InlineData("a", """ "containers":[{"name":"main","image":"nginx","ports":[{"containerPort":80}]},{"name":"side","image":"nginx","ports":[{"containerPort":80}]}] """,
        "spec.containers[1].ports[0]: duplicate port definition with spec.containers[0].ports[0]")]
    [InlineData("a", """ "containers":[{"name":"main","image":"nginx","ports":[{"containerPort":80,"hostPort":80},{"containerPort":80,"name":"web"}]}] """,
        "spec.containers[0].ports[1]: overlapping port definition with spec.containers[0].ports[0]")]
    [InlineData("a", """ "containers":[{"name":"main","image":"nginx","ports":[{"containerPort":80,"hostPort":80},{"containerPort":80,"hostPort":80,"hostIP":"10.0.0.1"}]}] """,
        "spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]")]
    [InlineData("a", """ "containers":[{"name":"main","image":"nginx","ports":[{"containerPort":80,"hostIP":"10.0.0.1"}]}] """,
        "spec.containers[0].ports[0]: hostIP set without hostPort: {Name: HostPort:0 ContainerPort:80 Protocol:TCP HostIP:10.0.0.1}")]
    [InlineData("a", """ "volumes":[{"name":"v","gitRepo":{"repository":"r"}}], """ + Main, "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+")]
    [InlineData("a", """ "volumes":[{"name":"v","configMap":{"name":"c","items":[{"key":"a","path":"x"},{"key":"b","path":"x/y"}]}}], """ + Main,
        "volume \"v\" (ConfigMap \"c\"): overlapping paths: \"x/y\" with \"x\"")]
    [InlineData("a", """ "volumes":[{"name":"v","projected":{"sources":[{"secret":{"name":"s","items":[{"key":"a","path":"x"}]}},{"serviceAccountToken":{"path":"x"}}]}}], """ + Main,
        "volume \"v\" (Projected ServiceAccountToken): overlapping paths: \"x\" with \"x\"")]
    public async Task Of_a_pod_what_it_will_not_do_is_told(string name, string spec, params string[] warnings) =>
        Assert.Equal(warnings, await WarningsAsync("/api/v1/namespaces/default/pods", $$$"""{"metadata":{"name":"{{{name}}}"},"spec":{{{{spec}}}}}"""));

    [Theory]
    [InlineData("/apis/apps/v1/namespaces/default/deployments", "{\"selector\":{\"matchLabels\":{\"a\":\"b\"}},\"template\":{TEMPLATE}}", "spec.template")]
    [InlineData("/apis/batch/v1/namespaces/default/cronjobs", "{\"schedule\":\"* * * * *\",\"jobTemplate\":{\"spec\":{\"template\":{TEMPLATE}}}}", "spec.jobTemplate.spec.template")]
    public async Task Of_a_template_the_warnings_say_where_it_is(string resource, string spec, string at)
    {
        const string template = """
            "metadata":{"labels":{"a":"b"},"annotations":{"container.apparmor.security.beta.kubernetes.io/main":"unconfined","scheduler.alpha.kubernetes.io/critical-pod":""}},
            "spec":{"restartPolicy":"RESTARTS","nodeSelector":{"beta.kubernetes.io/os":"linux"},"containers":[{"name":"main","image":"nginx"}]}
            """;
        var body = spec.Replace("TEMPLATE", template, StringComparison.Ordinal).Replace("RESTARTS", resource.Contains("cron", StringComparison.Ordinal) ? "Never" : "Always", StringComparison.Ordinal);
        Assert.Equal(
            [
                $"{at}.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
                $"{at}.metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the \"priorityClassName\" field instead",
                $"{at}.metadata.annotations[container.apparmor.security.beta.kubernetes.io/main]: deprecated since v1.30; use the \"appArmorProfile\" field instead",
            ],
            await WarningsAsync(resource, $$"""{"metadata":{"name":"warned"},"spec":{{body}}}"""));
    }

    [Fact]
    public async Task An_update_that_leaves_the_template_as_it_is_warns_of_nothing()
    {
        const string resource = "/apis/apps/v1/namespaces/default/deployments";
        var made = await server.CreateAsync(resource, """
            {"metadata":{"name":"warned-once"},"spec":{"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"nodeSelector":{"beta.kubernetes.io/os":"linux"},"containers":[{"name":"main","image":"nginx"}]}}}}
            """);
        Assert.Single(made.Warnings);
        var scaled = await server.PatchAsync($"{resource}/warned-once", """{"spec":{"replicas":3}}""");
        Assert.Equal((200, 0), (scaled.Code, scaled.Warnings.Length));
        var changed = await server.PatchAsync($"{resource}/warned-once", """{"spec":{"template":{"metadata":{"labels":{"c":"d"}}}}}""");
        Assert.Equal((200, 1), (changed.Code, changed.Warnings.Length));
    }

    [Theory]
    [InlineData("""{"ports":[{"port":80}]}""")]
    [InlineData("""{"ports":[{"port":80}],"externalIPs":["192.0.2.1"]}""", "spec.externalIPs is deprecated and may no longer be implemented in some clusters")]
    [InlineData("""{"clusterIP":"None","sessionAffinity":"ClientIP","externalIPs":["192.0.2.1"],"ports":[{"port":80}]}""",
        "spec.externalIPs is ignored for headless services", "spec.SessionAffinity is ignored for headless services")]
    [InlineData("""{"externalName":"example.com","ports":[{"port":80}]}""", "spec.externalName is ignored when spec.type is not \"ExternalName\"")]
    [InlineData("""{"ports":[{"port":80}],"type":"LoadBalancer","loadBalancerIP":"010.0.0.1","loadBalancerSourceRanges":["2001:DB8::/64"]}""",
        "spec.loadBalancerIP: non-standard IP address \"010.0.0.1\" is invalid: use \"10.0.0.1\"",
        "spec.loadBalancerSourceRanges[0]: IPv6 CIDR value \"2001:DB8::/64\" should be in RFC 5952 canonical format (\"2001:db8::/64\")")]
    [InlineData("""{"ports":[{"port":80}],"trafficDistribution":"PreferClose"}""", "spec.trafficDistribution: \"PreferClose\" is deprecated; use \"PreferSameZone\"")]
    public async Task Of_a_service_what_has_no_effect_is_told(string spec, params string[] warnings) =>
        Assert.Equal(warnings, await WarningsAsync("/api/v1/namespaces/default/services", $$"""{"metadata":{"name":"warned"},"spec":{{spec}}}"""));

    [Theory]
    [InlineData("/api/v1/persistentvolumes", """
        {"metadata":{"name":"warned","annotations":{"volume.beta.kubernetes.io/storage-class":"c"}},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/tmp"},"persistentVolumeReclaimPolicy":"Recycle"}}
        """, "metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use \"storageClassName\" attribute instead",
        "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.")]
    [InlineData("/api/v1/namespaces/default/persistentvolumeclaims", """{"metadata":{"name":"warned"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1500m"}}}}""",
        "spec.resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer")]
    [InlineData("/apis/apps/v1/namespaces/default/statefulsets", """
        {"metadata":{"name":"warned"},"spec":{"serviceName":"s","revisionHistoryLimit":-1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"main","image":"nginx"}]}},
         "volumeClaimTemplates":[{"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1500m"}}}}]}}
        """, "spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer",
        "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended")]
    [InlineData("/apis/batch/v1/namespaces/default/jobs", """
        {"metadata":{"name":"warned"},"spec":{"completionMode":"Indexed","completions":100001,"parallelism":10001,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"nginx"}]}}}}
        """, "spec: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail")]
    [InlineData("/apis/storage.k8s.io/v1/storageclasses", """
        {"metadata":{"name":"warned"},"provisioner":"p","allowedTopologies":[{"matchLabelExpressions":[{"key":"failure-domain.beta.kubernetes.io/zone","values":["a"]}]}]}
        """, "allowedTopologies[0].matchLabelExpressions[0]: deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead")]
    [InlineData("/apis/node.k8s.io/v1/runtimeclasses", """{"metadata":{"name":"warned"},"handler":"h","scheduling":{"nodeSelector":{"beta.kubernetes.io/arch":"amd64"}}}""",
        "scheduling.nodeSelector: deprecated since v1.14; use \"kubernetes.io/arch\" instead")]
    [InlineData("/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", """{"metadata":{"name":"warned"},"addressType":"FQDN","endpoints":[{"addresses":["example.com"]}]}""",
        "spec.addressType: FQDN endpoints are deprecated")]
    [InlineData("/api/v1/namespaces/default/endpoints", """{"metadata":{"name":"warned"},"subsets":[{"notReadyAddresses":[{"ip":"2001:DB8::1"}]}]}""",
        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
        "subsets[0].notReadyAddresses[0].ip: IPv6 address \"2001:DB8::1\" should be in RFC 5952 canonical format (\"2001:db8::1\")")]
    [InlineData("/apis/networking.k8s.io/v1/namespaces/default/networkpolicies", """{"metadata":{"name":"warned"},"spec":{"podSelector":{},"egress":[{"to":[{"ipBlock":{"cidr":"2001:DB8::/64"}}]}]}}""",
        "spec.egress[0].to[0].ipBlock.cidr: IPv6 CIDR value \"2001:DB8::/64\" should be in RFC 5952 canonical format (\"2001:db8::/64\")")]
    [InlineData("/api/v1/nodes", """{"metadata":{"name":"warned"},"spec":{"externalID":"x"}}""", "spec.externalID: this field is deprecated, and is unused by Kubernetes")]
    public async Task Of_other_kinds_what_is_out_of_date_is_told(string resource, string body, params string[] warnings) =>
        Assert.Equal(warnings, await WarningsAsync(resource, body));

    [Fact]
    public async Task An_ingress_names_its_class_by_a_field() => Assert.Equal(
        ["annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead"],
        await WarningsAsync("/apis/networking.k8s.io/v1/namespaces/default/ingresses", """
            {"metadata":{"name":"warned","annotations":{"kubernetes.io/ingress.class":"nginx"}},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}}}}}
            """));

    [Fact]
    public async Task An_owner_counts_once()
    {
        const string owner = """{"apiVersion":"v1","kind":"Pod","name":"o","uid":"1"}""";
        var made = await server.CreateAsync("/api/v1/namespaces/default/configmaps?dryRun=All", $$$"""
            {"metadata":{"name":"owned","ownerReferences":[{{{owner}}},{{{owner}}},{"apiVersion":"v1","kind":"Pod","name":"p","uid":"1"}]}}
            """);
        Assert.Equal(2, JsonNode.Parse(made.Text)!["metadata"]!["ownerReferences"]!.AsArray().Count);
        Assert.Equal(
            [Header(".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: 1")],
            made.Warnings);
    }

    [Theory]
    [InlineData("runtime/default", """{"type":"RuntimeDefault"}""")]
    [InlineData("localhost/own", """{"type":"Localhost","localhostProfile":"own"}""")]
    public async Task A_profile_of_AppArmor_that_is_an_annotation_becomes_a_field(string annotation, string field)
    {
        const string key = "container.apparmor.security.beta.kubernetes.io/main";
        var made = await server.CreateAsync("/api/v1/namespaces/default/pods?dryRun=All", $$$"""
            {"metadata":{"name":"profiled","annotations":{"{{{key}}}":"{{{annotation}}}"}},"spec":{{{{Main}}}}}
            """);
        Assert.Equal(201, made.Code);
        Assert.Equal(field, JsonNode.Parse(made.Text)!["spec"]!["containers"]![0]!["securityContext"]!["appArmorProfile"]!.ToJsonString());
        Assert.Equal([Header($"metadata.annotations[{key}]: deprecated since v1.30; use the \"appArmorProfile\" field instead")], made.Warnings);
    }

    private async Task<string[]> WarningsAsync(string path, string body)
    {
        var made = await server.CreateAsync($"{path}?dryRun=All", body);
        Assert.True(made.Code == 201, made.Text);
        return [.. made.Warnings.Select(static header => header["299 - \"".Length..^1].Replace("\\\"", "\"", StringComparison.Ordinal))];
    }

    private static string Header(string warning) => $"299 - \"{warning.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
