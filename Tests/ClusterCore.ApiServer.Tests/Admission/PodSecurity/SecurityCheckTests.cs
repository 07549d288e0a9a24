using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Admission.PodSecurity;

namespace Flotilla.ClusterCore.ApiServer.Tests.Admission.PodSecurity;

public sealed class SecurityCheckTests
{
    private const string Compliant = """
        {"securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
         "containers":[{"name":"a","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}}]}
        """;

    [Theory]
    [InlineData("""{"hostNetwork":true,"hostIPC":true}""", "host namespaces (hostNetwork=true, hostIPC=true)")]
    [InlineData("""{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}""", "hostPath volumes (volume \"v\")")]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"privileged":true}},{"name":"b","securityContext":{"privileged":true}}]}""",
        "privileged (containers \"a\", \"b\" must not set securityContext.privileged=true)")]
    [InlineData("""{"containers":[{"name":"a","ports":[{"hostPort":8080},{"hostPort":443}]}]}""", "hostPort (container \"a\" uses hostPorts 443, 8080)")]
    [InlineData("""{"initContainers":[{"name":"i","securityContext":{"capabilities":{"add":["NET_RAW","CHOWN"]}}}]}""",
        "non-default capabilities (container \"i\" must not include \"NET_RAW\" in securityContext.capabilities.add)")]
    [InlineData("""{"securityContext":{"seccompProfile":{"type":"Unconfined"}},"containers":[{"name":"a","securityContext":{"seccompProfile":{"type":"Unconfined"}}}]}""",
        "seccompProfile (pod and container \"a\" must not set securityContext.seccompProfile.type to \"Unconfined\")")]
    [InlineData("""{"securityContext":{"sysctls":[{"name":"kernel.msgmax"},{"name":"net.ipv4.tcp_rmem"}]}}""", "forbidden sysctls (kernel.msgmax)")]
    [InlineData("""{"securityContext":{"seLinuxOptions":{"type":"foo_t","user":"u"}}}""", "seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"foo_t\"; user may not be set)")]
    [InlineData("""{"securityContext":{"appArmorProfile":{"type":"Unconfined"}}}""", "forbidden AppArmor profile (pod must not set AppArmor profile type to \"Unconfined\")")]
    [InlineData("""{"containers":[{"name":"a","securityContext":{"procMount":"Unmasked"}}]}""", "procMount (container \"a\" must not set securityContext.procMount to \"Unmasked\")")]
    [InlineData("""{"hostUsers":false,"containers":[{"name":"a","securityContext":{"procMount":"Unmasked"}}]}""", "")]
    [InlineData("""{"containers":[{"name":"a","livenessProbe":{"httpGet":{"host":"1.2.3.4"}}}]}""", "probe or lifecycle host (container \"a\" uses probe or lifecycle host \"1.2.3.4\")")]
    [InlineData("""{"securityContext":{"windowsOptions":{"hostProcess":true}}}""", "hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)")]
    [InlineData("""{"containers":[{"name":"a"}]}""", "")]
    public void The_baseline_forbids_known_ways_out(string spec, string violations) => Assert.Equal(violations, Check(SecurityLevel.Baseline, spec));

    [Theory]
    [InlineData("""{"containers":[{"name":"a"}]}""",
        "allowPrivilegeEscalation != false (container \"a\" must set securityContext.allowPrivilegeEscalation=false), "
        + "unrestricted capabilities (container \"a\" must set securityContext.capabilities.drop=[\"ALL\"]), "
        + "runAsNonRoot != true (pod or container \"a\" must set securityContext.runAsNonRoot=true), "
        + "seccompProfile (pod or container \"a\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")")]
    [InlineData(Compliant, "")]
    [InlineData("""{"os":{"name":"windows"},"securityContext":{"runAsNonRoot":true},"containers":[{"name":"a"}]}""", "")]
    public void The_restricted_level_wants_it_said(string spec, string violations) => Assert.Equal(violations, Check(SecurityLevel.Restricted, spec));

    [Theory]
    [InlineData("volumes", """[{"name":"v","hostPath":{}},{"name":"w","nfs":{}},{"name":"x","emptyDir":{}}]""", "restricted volume types (volumes \"v\", \"w\" use restricted volume types \"hostPath\", \"nfs\")")]
    [InlineData("securityContext", """{"runAsUser":0,"runAsNonRoot":true,"seccompProfile":{"type":"Localhost"}}""", "runAsUser=0 (pod must not set runAsUser=0)")]
    [InlineData("securityContext", """{"runAsNonRoot":false,"seccompProfile":{"type":"Localhost"}}""", "runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)")]
    [InlineData("hostNetwork", "true", "host namespaces (hostNetwork=true)")]
    public void One_wrong_thing_is_one_violation(string member, string value, string violation)
    {
        var spec = JsonNode.Parse(Compliant)!.AsObject();
        spec[member] = JsonNode.Parse(value);
        Assert.Equal(violation, Check(SecurityLevel.Restricted, spec.ToJsonString()));
    }

    [Theory, InlineData(26, "forbidden sysctls (net.ipv4.ip_local_reserved_ports)"), InlineData(27, "")]
    public void A_version_means_the_checks_of_its_time(int minor, string violations) =>
        Assert.Equal(violations, Check(SecurityLevel.Baseline, """{"securityContext":{"sysctls":[{"name":"net.ipv4.ip_local_reserved_ports"}]}}""", minor));

    [Theory]
    [InlineData("enforce=baseline", "baseline:latest", "baseline:latest")]
    [InlineData("enforce=restricted,enforce-version=v1.25", "restricted:v1.25", "restricted:v1.25")]
    [InlineData("enforce=baseline,warn=privileged", "baseline:latest", "privileged:latest")]
    [InlineData("enforce=bogus", "restricted:latest", "privileged:latest")]
    [InlineData("warn=restricted", "privileged:latest", "restricted:latest")]
    public void Labels_make_a_policy(string labels, string enforce, string warn)
    {
        var read = labels.Split(',').Select(label => label.Split('=')).ToDictionary(pair => $"pod-security.kubernetes.io/{pair[0]}", pair => pair[1], StringComparer.Ordinal);
        var policy = SecurityPolicy.Read(read, out _);
        Assert.Equal((enforce, warn), (policy.Enforce.ToString(), policy.Warn.ToString()));
    }

    private static string Check(SecurityLevel level, string spec, int minor = SecurityStandard.Latest) =>
        Violation.Describe(SecurityChecks.Run(new(level, minor), new(null, JsonNode.Parse(spec)!.AsObject())));
}
