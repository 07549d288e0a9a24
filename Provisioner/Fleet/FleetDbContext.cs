using Flotilla.Provisioner.Fleet.Alerts;
using Flotilla.Provisioner.Fleet.Audit;
using Flotilla.Provisioner.Fleet.Clusters;
using Flotilla.Provisioner.Fleet.Events;
using Flotilla.Provisioner.Fleet.Machines;
using Flotilla.Provisioner.Fleet.Operations;
using Flotilla.Provisioner.Fleet.Projects;
using Flotilla.Provisioner.Fleet.Schema;
using Flotilla.Provisioner.Fleet.Users;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet;

/// <summary>The platform's state. Whatever is saved is announced in the same transaction: see <see cref="FleetEvents"/>.</summary>
public sealed class FleetDbContext(DbContextOptions<FleetDbContext> options)
    : IdentityDbContext<FleetUser, IdentityRole<Guid>, Guid>(options)
{
    public DbSet<Project> Projects => Set<Project>();

    public DbSet<Membership> Memberships => Set<Membership>();

    public DbSet<Machine> Machines => Set<Machine>();

    public DbSet<Cluster> Clusters => Set<Cluster>();

    public DbSet<ClusterNode> ClusterNodes => Set<ClusterNode>();

    public DbSet<Operation> Operations => Set<Operation>();

    public DbSet<OperationStep> OperationSteps => Set<OperationStep>();

    public DbSet<AlertChannel> AlertChannels => Set<AlertChannel>();

    public DbSet<Alert> Alerts => Set<Alert>();

    public DbSet<AlertDelivery> AlertDeliveries => Set<AlertDelivery>();

    public DbSet<AlertWatch> AlertWatches => Set<AlertWatch>();

    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();

    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    public DbSet<AdminLink> AdminLinks => Set<AdminLink>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        var changes = FleetChanges.Of(ChangeTracker);
        if (changes.Count == 0) { return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken); }

        await using var transaction = Database.CurrentTransaction is null
            ? await Database.BeginTransactionAsync(cancellationToken)
            : null;
        var saved = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        await FleetEvents.PublishAsync(this, changes, cancellationToken);
        if (transaction is not null) { await transaction.CommitAsync(cancellationToken); }
        return saved;
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        UserTables.Configure(builder);
        ProjectTables.Configure(builder);
        ClusterTables.Configure(builder);
        OperationTables.Configure(builder);
        AlertTables.Configure(builder);
        ClientKeys.Apply(builder);
        SnakeCaseNames.Apply(builder);
    }
}
