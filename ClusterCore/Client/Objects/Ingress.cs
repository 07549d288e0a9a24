namespace Flotilla.ClusterCore.Client.Objects;

public sealed record Ingress : KubernetesObject
{
    public IngressSpec Spec { get; set; } = new();
}

public sealed record IngressSpec
{
    public string? IngressClassName { get; set; }
    public IngressBackend? DefaultBackend { get; set; }
    public IngressTLS[]? Tls { get; set; }
    public IngressRule[]? Rules { get; set; }
}

public sealed record IngressRule
{
    public string? Host { get; set; }
    public HTTPIngressRuleValue? Http { get; set; }
}

public sealed record HTTPIngressRuleValue
{
    public HTTPIngressPath[]? Paths { get; set; }
}

public sealed record HTTPIngressPath
{
    public string? Path { get; set; }
    public string? PathType { get; set; }
    public IngressBackend? Backend { get; set; }
}

public sealed record IngressBackend
{
    public IngressServiceBackend? Service { get; set; }
    public TypedLocalObjectReference? Resource { get; set; }
}

public sealed record IngressServiceBackend
{
    public string Name { get; set; } = "";
    public ServiceBackendPort? Port { get; set; }
}

public sealed record ServiceBackendPort
{
    public string? Name { get; set; }
    public int Number { get; set; }
}

public sealed record IngressTLS
{
    public string[]? Hosts { get; set; }
    public string? SecretName { get; set; }
}
