using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Flotilla.ClusterCore.Client;

/// <summary>One context of a kubeconfig file, resolved: where the server is and who is calling. Certificates and keys are PEM text.</summary>
public sealed record Kubeconfig
{
    public required Uri Server { get; init; }
    public string? CertificateAuthority { get; init; }
    public string? TlsServerName { get; init; }
    public bool InsecureSkipTlsVerify { get; init; }
    public string? ClientCertificate { get; init; }
    public string? ClientKey { get; init; }
    public string? Token { get; init; }
    public string? TokenFile { get; init; }
    public string? Namespace { get; init; }

    /// <exception cref="KubeconfigException">The file is missing or does not say what is needed.</exception>
    public static Kubeconfig Load(string path, string? context = null)
    {
        try
        {
            return Parse(File.ReadAllText(path), context, Path.GetDirectoryName(Path.GetFullPath(path)));
        }
        catch (IOException exception)
        {
            throw new KubeconfigException($"kubeconfig {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <param name="directory">What relative file names in the kubeconfig are relative to.</param>
    public static Kubeconfig Parse(string text, string? context = null, string? directory = null)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException exception)
        {
            throw new KubeconfigException($"kubeconfig is not YAML: {exception.Message}", exception);
        }
        if (yaml.Documents is not [{ RootNode: YamlMappingNode root }, ..])
        {
            throw new KubeconfigException("kubeconfig is empty");
        }
        return new KubeconfigFile(root, directory ?? Directory.GetCurrentDirectory()).Resolve(context);
    }
}

public sealed class KubeconfigException(string message, Exception? inner = null) : Exception(message, inner);

internal sealed class KubeconfigFile(YamlMappingNode root, string directory)
{
    public Kubeconfig Resolve(string? context)
    {
        context ??= Text(root, "current-context") ?? throw new KubeconfigException("kubeconfig has no current-context");
        var chosen = Entry("contexts", context, "context");
        var cluster = Entry("clusters", Text(chosen, "cluster") ?? "", "cluster");
        var user = Text(chosen, "user") is { Length: > 0 } name ? Entry("users", name, "user") : new YamlMappingNode();
        if (Child(user, "exec") is not null)
        {
            throw new KubeconfigException("kubeconfig asks for an exec credential plugin, which this client does not run");
        }
        return new()
        {
            Server = Server(cluster),
            CertificateAuthority = Pem(cluster, "certificate-authority"),
            TlsServerName = Text(cluster, "tls-server-name"),
            InsecureSkipTlsVerify = Text(cluster, "insecure-skip-tls-verify") == "true",
            ClientCertificate = Pem(user, "client-certificate"),
            ClientKey = Pem(user, "client-key"),
            Token = Text(user, "token"),
            TokenFile = Text(user, "tokenFile") is { } file ? Path.Combine(directory, file) : null,
            Namespace = Text(chosen, "namespace"),
        };
    }

    private static Uri Server(YamlMappingNode cluster) =>
        Uri.TryCreate(Text(cluster, "server"), UriKind.Absolute, out var server)
            ? server
            : throw new KubeconfigException("kubeconfig's cluster has no valid server");

    private YamlMappingNode Entry(string list, string name, string body)
    {
        var entries = Child(root, list) as YamlSequenceNode ?? throw new KubeconfigException($"kubeconfig has no {list}");
        foreach (var entry in entries.OfType<YamlMappingNode>())
        {
            if (Text(entry, "name") == name)
            {
                return Child(entry, body) as YamlMappingNode ?? new YamlMappingNode();
            }
        }
        throw new KubeconfigException($"kubeconfig has no entry {name} under {list}");
    }

    /// <summary>PEM given inline (<c>x-data</c>, base64) or in a file; inline wins, as it does in kubectl.</summary>
    private string? Pem(YamlMappingNode node, string name)
    {
        if (Text(node, name + "-data") is { Length: > 0 } data)
        {
            return Encoding.ASCII.GetString(Convert.FromBase64String(data));
        }
        return Text(node, name) is { Length: > 0 } file ? File.ReadAllText(Path.Combine(directory, file)) : null;
    }

    private static YamlNode? Child(YamlMappingNode node, string name) =>
        node.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    private static string? Text(YamlMappingNode node, string name) => (Child(node, name) as YamlScalarNode)?.Value;
}
