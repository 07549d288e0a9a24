namespace Flotilla.ClusterCore.Client.Tests;

public sealed class KubeconfigTests
{
    private const string Text = """
        apiVersion: v1
        kind: Config
        current-context: dev
        clusters:
        - name: c
          cluster: { server: "https://10.0.0.1:6443", certificate-authority-data: Y2E=, tls-server-name: abc.clusters.local }
        users:
        - name: u
          user: { token: secret }
        - name: e
          user: { exec: { command: kubectl-login } }
        contexts:
        - name: dev
          context: { cluster: c, user: u, namespace: team }
        - name: exec
          context: { cluster: c, user: e }
        """;

    [Fact]
    public void The_current_context_is_resolved()
    {
        var config = Kubeconfig.Parse(Text);
        Assert.Equal(
            ("https://10.0.0.1:6443/", "ca", "abc.clusters.local", "secret", "team"),
            (config.Server.ToString(), config.CertificateAuthority, config.TlsServerName, config.Token, config.Namespace));
    }

    [Theory]
    [InlineData("exec", "exec credential plugin")]
    [InlineData("missing", "no entry missing under contexts")]
    public void What_cannot_be_used_is_said(string context, string message) =>
        Assert.Contains(message, Assert.Throws<KubeconfigException>(() => Kubeconfig.Parse(Text, context)).Message);

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("/nowhere/config", Assert.Throws<KubeconfigException>(() => Kubeconfig.Load("/nowhere/config")).Message);
}
