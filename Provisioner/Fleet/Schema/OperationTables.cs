using Flotilla.Provisioner.Fleet.Machines;
using Flotilla.Provisioner.Fleet.Operations;
using Microsoft.EntityFrameworkCore;

namespace Flotilla.Provisioner.Fleet.Schema;

internal static class OperationTables
{
    public static void Configure(ModelBuilder builder)
    {
        builder.Entity<Operation>(operation =>
        {
            operation.Property(o => o.Kind).HasConversion<string>().HasMaxLength(20);
            // Who goes on with an operation learns so that it was cancelled meanwhile.
            operation.Property(o => o.State).HasConversion<string>().HasMaxLength(20).IsConcurrencyToken();
            operation.Property(o => o.ErrorFixer).HasConversion<string>().HasMaxLength(20);
            // At most one operation of a cluster is under way.
            operation.HasIndex(o => o.ClusterId).IsUnique().HasFilter("state IN ('Pending', 'Running')")
                .HasDatabaseName("ix_operations_unfinished");
            operation.HasIndex(o => new { o.ClusterId, o.CreatedAt });
            operation.HasIndex(o => new { o.MachineId, o.State });
            operation.HasOne<Machine>().WithMany().HasForeignKey(o => o.MachineId).OnDelete(DeleteBehavior.Restrict);
        });
        builder.Entity<OperationStep>(step =>
        {
            step.Property(s => s.State).HasConversion<string>().HasMaxLength(20);
            step.Property(s => s.ErrorFixer).HasConversion<string>().HasMaxLength(20);
            step.HasIndex(s => new { s.OperationId, s.Name }).IsUnique();
            step.HasOne<Operation>().WithMany(operation => operation.Steps).HasForeignKey(s => s.OperationId);
        });
    }
}
