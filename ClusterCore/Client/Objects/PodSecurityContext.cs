namespace Flotilla.ClusterCore.Client.Objects;

public sealed record PodSecurityContext
{
    public SELinuxOptions? SeLinuxOptions { get; set; }
    public long? RunAsUser { get; set; }
    public long? RunAsGroup { get; set; }
    public bool? RunAsNonRoot { get; set; }
    public long[]? SupplementalGroups { get; set; }
    public string? SupplementalGroupsPolicy { get; set; }
    public long? FsGroup { get; set; }
    public Sysctl[]? Sysctls { get; set; }
    public string? FsGroupChangePolicy { get; set; }
    public SeccompProfile? SeccompProfile { get; set; }
    public AppArmorProfile? AppArmorProfile { get; set; }
    public string? SeLinuxChangePolicy { get; set; }
}

public sealed record SecurityContext
{
    public Capabilities? Capabilities { get; set; }
    public bool? Privileged { get; set; }
    public SELinuxOptions? SeLinuxOptions { get; set; }
    public long? RunAsUser { get; set; }
    public long? RunAsGroup { get; set; }
    public bool? RunAsNonRoot { get; set; }
    public bool? ReadOnlyRootFilesystem { get; set; }
    public bool? AllowPrivilegeEscalation { get; set; }
    public string? ProcMount { get; set; }
    public SeccompProfile? SeccompProfile { get; set; }
    public AppArmorProfile? AppArmorProfile { get; set; }
}

public sealed record Sysctl
{
    public string Name { get; set; } = "";
    public string Value { get; set; } = "";
}

public sealed record SeccompProfile
{
    public string Type { get; set; } = "";
    public string? LocalhostProfile { get; set; }
}

public sealed record AppArmorProfile
{
    public string Type { get; set; } = "";
    public string? LocalhostProfile { get; set; }
}

public sealed record SELinuxOptions
{
    public string? User { get; set; }
    public string? Role { get; set; }
    public string? Type { get; set; }
    public string? Level { get; set; }
}

public sealed record Capabilities
{
    public string[]? Add { get; set; }
    public string[]? Drop { get; set; }
}
