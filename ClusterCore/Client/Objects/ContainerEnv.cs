namespace Flotilla.ClusterCore.Client.Objects;

public sealed record EnvVar
{
    public string Name { get; set; } = "";
    public string? Value { get; set; }
    public EnvVarSource? ValueFrom { get; set; }
}

public sealed record EnvVarSource
{
    public ObjectFieldSelector? FieldRef { get; set; }
    public ResourceFieldSelector? ResourceFieldRef { get; set; }
    public ConfigMapKeySelector? ConfigMapKeyRef { get; set; }
    public SecretKeySelector? SecretKeyRef { get; set; }
}

public sealed record EnvFromSource
{
    public string? Prefix { get; set; }
    public ConfigMapEnvSource? ConfigMapRef { get; set; }
    public SecretEnvSource? SecretRef { get; set; }
}

public sealed record ObjectFieldSelector
{
    public string? ApiVersion { get; set; }
    public string FieldPath { get; set; } = "";
}

public sealed record ResourceFieldSelector
{
    public string? ContainerName { get; set; }
    public string Resource { get; set; } = "";
    public string? Divisor { get; set; }
}

public sealed record ConfigMapKeySelector
{
    public string? Name { get; set; }
    public string Key { get; set; } = "";
    public bool? Optional { get; set; }
}

public sealed record SecretKeySelector
{
    public string? Name { get; set; }
    public string Key { get; set; } = "";
    public bool? Optional { get; set; }
}

public sealed record ConfigMapEnvSource
{
    public string? Name { get; set; }
    public bool? Optional { get; set; }
}

public sealed record SecretEnvSource
{
    public string? Name { get; set; }
    public bool? Optional { get; set; }
}
